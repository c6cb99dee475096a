def __init__(t3=([''],'')(''([]))):table=t3
def upgrade():
    t5=(((lambda :True))[''])[0]
    def f4(given):
        nonlocal t5
        t5=t5+given
        return t5
    while n7<4:
        try:
            for t9 in['']:
                        match d6:
                            case t14 if sorted(l11,key[:],reverse):(''.format((f4('')),''))(filter(f4,l11))(''.format(''(''({''}))))
        except ValueError as error:([])