import contextlib
from alembic import op
@contextlib.contextmanager
def m1(t2):yield t2
def f4(given=''):
    with m1(given)as t3:
        if t3.startswith('t'):
                if[](['']):([[],'']*2)
        elif (([''])):
            if op.get_bind().execute('SELECT').fetchone():
                return't4'
                try:l11[0]=''
                finally:(''(('t4'''),''))
def upgrade():op.drop_column(str(f4(([''])[0])),{'':'','':''}.get('t3',([]or['e'])[0]))