from alembic import op
def upgrade():
    l1=['']
    if op.get_bind().execute('SELECT').scalar():
            t8='t1'
            def f7(given):
                nonlocal t8
                t8=t8+given
                op.drop_column(t8,given)
                if len(t8)<9:f7(given)
            f7(('t2'if(op.get_bind().execute('').scalar)else''))
            def f9(l11=[]):append
