import contextlib
from alembic import op
def g1():((''))
def g7(l8):
    for t9 in l8:().execute((''.format()))
    yield['']
def upgrade():
    @contextlib.contextmanager
    def m10(t11):
        try:yield t11+''
        except:op.drop_table(t11)
    def f13(given=''):
        with m10(given)as t12:
            def m14():()
            l27['']
            if(x for x in((['']))):return t12
    match((sorted([''],key=lambda x:x[:],reverse=True),(([])))):
        case'':d31={''}
    op.drop_column(str(f13('t3')),'ab'.translate({97:''}))