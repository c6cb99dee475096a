from alembic import op
def upgrade():
    class C1:
        def __init__(t3=''):self=t3
        def run():()
    class C4():
        def __init__():(((x for x in['t4''']if True),''))
        def run():()
    def f2(given=''):given
    l5=['t1','t2']
    l5.extend(l5)
    try:
        def f10(given=''):
            for t17 in l16:((''(''({(''*4)})([][''])('t'''))))
            try:(''((((lambda :x)('')))))
            finally:('')
        raise KeyError((list({'':'','':''}.values())+[''.rjust(4,'x')])[1])
    except :
        class C18:
            def __init__(t20=''):self
        t8='t3'
        for t22 in l5:
            l5.sort()
            if 4:
                    l5[0]=t8
                    op.drop_column(f"{t22}",'t1')