"""What runs by an import, a decorator, a base or a listener is read, or said to be unreadable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import indent

import pytest

from migration_lint.reading import read_paths

HEAD = 'from alembic import op\nimport sqlalchemy as sa\nrevision = "1"\ndown_revision = None\n'
DROP = 'from alembic import op\nop.drop_column("t", "c")\n'
SQL = '    op.execute("ALTER TABLE t DROP COLUMN " + h.NAME)\n'
UPGRADE = "def upgrade():\n"
LISTENER = 'sa.event.listen(sa.Table, "after_create", sa.DDL("ALTER TABLE t DROP COLUMN c"))\n'

#: The script after its head, and the modules beside it; what is found in upgrade.
CASES: Mapping[str, tuple[str, Mapping[str, str], str]] = {
    "a module imported by a call": (
        f'import importlib\n{UPGRADE}    importlib.import_module("app.t")\n',
        {"app/t.py": DROP},
        "drop_column",
    ),
    "a relative one": (
        f'import importlib\n{UPGRADE}    importlib.import_module(".t", "app")\n',
        {"app/t.py": DROP},
        "drop_column",
    ),
    "by the builtin": (f'{UPGRADE}    __import__("app.t")\n', {"app/t.py": DROP}, "drop_column"),
    "by a call at the top of another": (
        f"import app.h\n{UPGRADE}    pass\n",
        {"app/h.py": 'from importlib import import_module\nimport_module("app.t")\n', "app/t.py": DROP},
        "drop_column",
    ),
    "one that is not known": (
        f'import importlib, os\n{UPGRADE}    importlib.import_module(os.environ["M"])\n', {}, "opaque"
    ),
    "a name of another module set anew": (
        f'from app import h\nh.NAME = "c"\n{UPGRADE}{SQL}', {"app/h.py": 'NAME = "other"\n'}, "drop_column c"
    ),
    "set anew by a third": (
        f"import app.g\nfrom app import h\n{UPGRADE}{SQL}",
        {"app/h.py": 'NAME = "other"\n', "app/g.py": 'from app import h\nh.NAME = "c"\n'},
        "drop_column c",
    ),
    "a library's decorator": (f"import acme\n@acme.T\n{UPGRADE}    pass\n", {}, "opaque"),
    "of a helper": (f"import acme\n@acme.T\ndef go(): pass\n{UPGRADE}    go()\n", {}, "opaque"),
    "a base of a library, its method": (
        f"import acme\nclass X(acme.Drop):\n    pass\n{UPGRADE}    X().run()\n", {}, "opaque"
    ),
    "the class itself": (f"import acme\nclass X(acme.Drop):\n    pass\n{UPGRADE}    X.run()\n", {}, "opaque"),
    "a listener that is SQL": (
        f'{LISTENER}{UPGRADE}    op.create_table("z", sa.Column("id", sa.Integer()))\n', {}, "drop_column c"
    ),
    "a call that an application makes": (
        f"import app.h\n{UPGRADE}    pass\n", {"app/h.py": 'import acme\nacme.cleanup("t")\n'}, ""
    ),
    "frameworks of an application": (
        f"from app.models import KINDS\n{UPGRADE}    KINDS[0]\n",
        {
            "app/models.py": "from flask import Flask\napp = Flask(__name__)\n"
            '@app.route("/")\ndef x(): pass\n'
            'app.register_blueprint(x)\nKINDS = ["a"]\n'
        },
        "",
    ),
}  # fmt: skip

#: Code that comes to the directive without a name of Alembic's in it.
OTHERS = {
    "app/ops.py": "from alembic import op as o\n",
    "app/t.py": DROP + "def go():\n    pass\n",
    "app/t2.py": 'from app.ops import o\ndef go():\n    o.drop_column("t", "c")\n',
    "app/conf.py": "TYPE_CHECKING = 1\n",
}

#: What stands in `app/h.py`, which the script only imports: the directive comes in through `app.ops`.
IMPORTED: Mapping[str, str] = {
    "plain through ops": "from app.ops import o\no.drop_column('t', 'c')\n",
    "semicolon": "x = 1; from app.ops import o; o.drop_column('t', 'c')\n",
    "colon": "if 1: from app.ops import o; o.drop_column('t', 'c')\n",
    "backslash": "from app.ops import \\\n  o\no.drop_column('t', 'c')\n",
    "backslash2": "from app.ops \\\n  import o\no.drop_column('t', 'c')\n",
    "nfkc": "from app.ops import o as ᵒp\nᵒp.drop_column('t', 'c')\n",
    "nfkc2": "from app.ops import o as ofi\noﬁ.drop_column('t', 'c')\n",
    "cr": "x = 1 #\rfrom app.ops import o\ro.drop_column('t', 'c')\r",
    "formfeed": "\x0cfrom app.ops import o\n\x0co.drop_column('t', 'c')\n",
    "formfeed2": (
        "def f():\n"
        "    pass\n"
        "    \x0c"
        "from app.ops import o\n"
        "\x0c"
        "o = __import__('app.ops').ops.o; o.drop_column('t', 'c')\n"
    ),
    "fstring": "from app.ops import o\nf\"{o.drop_column('t', 'c')}\"\n",
    "fstring import": "f\"{__import__('alembic').op.drop_column('t', 'c')}\"\n",
    "decorator": ("from app.ops import o\ndef d(f): o.drop_column('t', 'c')\n@d\nclass X: pass\n"),
    "decorated": ("from app.ops import o\ndef d(f): return o.drop_column\n@d\ndef x(): pass\nx('t', 'c')\n"),
    "compound": (
        "from app.ops import o\ntry:\n    y = o.drop_column\nexcept ValueError:\n    pass\ny('t', 'c')\n"
    ),
    "compound2": "from app.ops import o\nfor y in [o.drop_column]:\n    y('t', 'c')\n",
    "compound3": ("import app.ops\nif 1:\n    def y(): app.ops.o.drop_column('t', 'c')\ny()\n"),
    "append": ("from app.ops import o\nhooks = []\nhooks.append(o.drop_column)\nhooks[0]('t', 'c')\n"),
    "subscript": ("from app.ops import o\nhooks = {}\nhooks['x'] = o.drop_column\nhooks['x']('t', 'c')\n"),
    "attr": ("from app.ops import o\nclass H: pass\nH.x = o.drop_column\nH.x('t', 'c')\n"),
    "own keeper": (
        "from app.ops import o\n"
        "class H:\n"
        "    def keep(self, f): self.f = f\n"
        "    def go(self): self.f('t', 'c')\n"
        "h = H()\n"
        "h.keep(o.drop_column)\n"
        "h.go()\n"
    ),
    "tuple": "from app.ops import o\n(a, b) = (o.drop_column, 1)\na('t', 'c')\n",
    "chained": "from app.ops import o\na = b = o.drop_column\nb('t', 'c')\n",
    "walrus": "from app.ops import o\n(b := o.drop_column)\nb('t', 'c')\n",
    "walrus2": "from app.ops import o\n(b := o.drop_column)('t', 'c')\n",
    "global": ("from app.ops import o\ndef f():\n    global g\n    g = o.drop_column\nf()\ng('t', 'c')\n"),
    "type checking rebound": (
        "from typing import TYPE_CHECKING\n"
        "TYPE_CHECKING = 1\n"
        "if TYPE_CHECKING:\n"
        "    from app.ops import o\n"
        "    o.drop_column('t', 'c')\n"
    ),
    "type checking own": "TYPE_CHECKING = 1\nif TYPE_CHECKING:\n    import app.t\n",
    "type checking set": (
        "import typing\ntyping.TYPE_CHECKING = 1\nif typing.TYPE_CHECKING:\n    import app.t\n"
    ),
    "type checking setattr": (
        "import typing\nsetattr(typing, 'TYPE_CHECKING', 1)\nif typing.TYPE_CHECKING:\n    import app.t\n"
    ),
    "type checking of own": ("from app.conf import TYPE_CHECKING\nif TYPE_CHECKING:\n    import app.t\n"),
    "name main": ("__name__ = '__main__'\nif __name__ == '__main__':\n    import app.t\n    app.t.go()\n"),
    "name own": ("from app.ops import o\nif __name__ == 'app.h':\n    o.drop_column('t', 'c')\n"),
    "name or": ("from app.ops import o\nif __name__ == '__main__' or 1:\n    o.drop_column('t', 'c')\n"),
    "__import__": "__import__('alembic').op.drop_column('t', 'c')\n",
    "__import__ parts": "getattr(__import__('alem' + 'bic'), 'op').drop_column('t', 'c')\n",
    "import_module": ("import importlib\nimportlib.import_module('alem' + 'bic').op.drop_column('t', 'c')\n"),
    "import_module alias": (
        "from importlib import import_module as im\nim('alem' + 'bic').op.drop_column('t', 'c')\n"
    ),
    "import fn": (
        "import importlib\n"
        "def load(n): return importlib.import_module(n)\n"
        "load('alem' + 'bic').op.drop_column('t', 'c')\n"
    ),
    "builtins": (
        "import builtins\ngetattr(builtins, '__imp' + 'ort__')('alem' + 'bic').op.drop_column('t', 'c')\n"
    ),
    "__builtins__": ("__builtins__['__imp' + 'ort__']('alem' + 'bic').op.drop_column('t', 'c')\n"),
    "sys.modules": "import sys\nsys.modules['alem' + 'bic.op'].drop_column('t', 'c')\n",
    "sys.modules alias": ("from sys import modules as m\nm['alem' + 'bic.op'].drop_column('t', 'c')\n"),
    "sys getattr": ("import sys\ngetattr(sys, 'mod' + 'ules')['alem' + 'bic.op'].drop_column('t', 'c')\n"),
    "pkgutil": ("import pkgutil\npkgutil.resolve_name('alem' + 'bic:op').drop_column('t', 'c')\n"),
    "runpy": "import runpy\nrunpy.run_path('app/t.py')\n",
    "globals": ("from app.ops import o\ndef go(): o.drop_column('t', 'c')\nglobals()['g' + 'o']()\n"),
    "module getattr": "import app.t2\ngetattr(app.t2, 'g' + 'o')()\n",
    "module dict": "from app import t2\nt2.__dict__['go']()\n",
    "operator": (
        "from app.ops import o\n"
        "class X:\n"
        "    def __add__(self, other): o.drop_column('t', 'c')\n"
        "x = X()\n"
        "x + 1\n"
    ),
    "property": (
        "from app.ops import o\n"
        "class X:\n"
        "    @property\n"
        "    def p(self): o.drop_column('t', 'c')\n"
        "x = X()\n"
        "x.p\n"
    ),
    "class getitem": (
        "from app.ops import o\nclass X:\n    def __class_getitem__(cls, i): o.drop_column('t', 'c')\nX[0]\n"
    ),
    "with": (
        "from app.ops import o\n"
        "class X:\n"
        "    def __enter__(self): o.drop_column('t', 'c')\n"
        "    def __exit__(self, *a): pass\n"
        "x = X()\n"
        "with x: pass\n"
    ),
    "lambda default": ("from app.ops import o\nf = lambda g=o.drop_column: g('t', 'c')\nf()\n"),
    "def default": "from app.ops import o\ndef f(x=o.drop_column('t', 'c')): pass\n",
    "annotation": "from app.ops import o\nx: o.drop_column('t', 'c') = 1\n",
    "annotation bare": "from app.ops import o\nx: o.drop_column('t', 'c')\n",
    "match": ("from app.ops import o\nmatch o.drop_column:\n    case y:\n        y('t', 'c')\n"),
    "comprehension": "from app.ops import o\n[f('t', 'c') for f in [o.drop_column]]\n",
    "imports inside class": "class X:\n    from app.ops import o\n    o.drop_column('t', 'c')\n",
    "imported module attr": "import app.ops\napp.ops.o.drop_column('t', 'c')\n",
    "imported as": "import app.ops as q\nq.o.drop_column('t', 'c')\n",
    "relative": "from . import ops\nops.o.drop_column('t', 'c')\n",
    "relative nospace": "from.ops import o\no.drop_column('t', 'c')\n",
    "paren import": "from app.ops import(o)\no.drop_column('t', 'c')\n",
    "while": "from app.ops import o\nwhile o.drop_column('t', 'c'): pass\n",
    "del": (
        "from app.ops import o\nclass X:\n    def __del__(self): o.drop_column('t', 'c')\nx = X()\ndel x\n"
    ),
    "raise": (
        "from app.ops import o\n"
        "try:\n"
        "    raise ValueError(o.drop_column('t', 'c'))\n"
        "except ValueError: pass\n"
    ),
    "utf7": ("# coding: utf-7\nfrom app.ops import o\n+AG8.drop_column('t', 'c')\n"),
    "latin": ("# coding: latin-1\nfrom app.ops import o\nx = 'é'\no.drop_column('t', 'c')\n"),
    "nested string": "x = '''\n''' ; from app.ops import o\no.drop_column('t', 'c')\n",
    "hash in string": "x = '#'; from app.ops import o; o.drop_column('t', 'c')\n",
    "loop 30": ("from app.ops import o\nfor i in range(100000):\n    x = i\no.drop_column('t', 'c')\n"),
    "star": "from app.ops import *\no.drop_column('t', 'c')\n",
    "thread": (
        "import threading\n"
        "from app.ops import o\n"
        "threading.Thread(target=o.drop_column, args=('t', 'c')).start()\n"
    ),
    "partial": ("import functools\nfrom app.ops import o\nfunctools.partial(o.drop_column, 't')('c')\n"),
}

#: What stands in upgrade.
INSIDE: Mapping[str, str] = {
    "kwdefaults": (
        'def a(*, n="x"):\n    if n == "c": op.drop_column("t", n)\na.__kwdefaults__ = {"n": "c"}\na()\n'
    ),
    "kwdefaults item": (
        'def a(*, n="x"):\n    if n == "c": op.drop_column("t", n)\na.__kwdefaults__["n"] = "c"\na()\n'
    ),
    "defaults": ('def a(n="x"):\n    if n == "c": op.drop_column("t", n)\na.__defaults__ = ("c",)\na()\n'),
    "code": ('def a(): pass\ndef b(): op.drop_column("t", "c")\na.__code__ = b.__code__\na()\n'),
    "code replace": (
        'def a(n="x"):\n'
        '    if n == "c": op.drop_column("t", n)\n'
        "a.__code__ = a.__code__.replace(co_consts=(None,))\n"
        "a()\n"
    ),
    "cell": (
        "def mk():\n"
        '    n = "x"\n'
        "    def a():\n"
        '        if n == "c": op.drop_column("t", n)\n'
        "    return a\n"
        "a = mk()\n"
        'a.__closure__[0].cell_contents = "c"\n'
        "a()\n"
    ),
    "setattr defaults": (
        'def a(n="x"):\n    if n == "c": op.drop_column("t", n)\nsetattr(a, "__defaults__", ("c",))\na()\n'
    ),
    "func dict": (
        'def a():\n    if a.n == "c": op.drop_column("t", a.n)\na.n = "x"\na.__dict__["n"] = "c"\na()\n'
    ),
    "print patched": 'import builtins\nbuiltins.print = op.drop_column\nprint("t", "c")\n',
    "print patched setattr": (
        'import builtins\nsetattr(builtins, "print", op.drop_column)\nprint("t", "c")\n'
    ),
    "builtins dict": ('import builtins\nbuiltins.__dict__["print"] = op.drop_column\nprint("t", "c")\n'),
    "__builtins__": '__builtins__["print"] = op.drop_column\nprint("t", "c")\n',
    "builtins vars": ('import builtins\nvars(builtins).update(len=op.drop_column)\nlen("t", "c")\n'),
    "json patched": ('import json\njson.dumps = op.execute\njson.dumps("ALTER TABLE t DROP COLUMN c")\n'),
    "json patched lambda": (
        'import json\njson.dumps = lambda *a: op.drop_column("t", "c")\nimport logging\njson.dumps(1)\n'
    ),
    "logging patched inner": (
        "import logging\n"
        'logging.Logger.handle = lambda *a: op.drop_column("t", "c")\n'
        'logging.getLogger("x").warning("x")\n'
    ),
    "stdout object": (
        "import sys\n"
        "class K:\n"
        '    def write(self, s): op.drop_column("t", "c")\n'
        "    def flush(self): pass\n"
        "sys.stdout = K()\n"
        'print("x")\n'
    ),
    "print file": (
        "class K:\n"
        '    def write(self, s): op.drop_column("t", "c")\n'
        "    def flush(self): pass\n"
        'print("x", file=K())\n'
    ),
    "redirect": (
        "import contextlib\n"
        "class K:\n"
        '    def write(self, s): op.drop_column("t", "c")\n'
        "with contextlib.redirect_stdout(K()):\n"
        "    print(1)\n"
    ),
    "displayhook": (
        'import sys\nsys.excepthook = lambda *a: op.drop_column("t", "c")\nraise ValueError(1)\n'
    ),
    "sys.modules set": ('import sys\nsys.modules["foo"] = op\nimport foo\nfoo.drop_column("t", "c")\n'),
    "sys.modules set2": ('import sys\nsys.modules["json"] = op\nimport json\njson.drop_column("t", "c")\n'),
    "object setattr": (
        'class A: n = "x"\n'
        "a = A()\n"
        'object.__setattr__(a, "n", "c")\n'
        'if a.n == "c": op.drop_column("t", a.n)\n'
    ),
    "a.__setattr__": (
        'class A: n = "x"\na = A()\na.__setattr__("n", "c")\nif a.n == "c": op.drop_column("t", a.n)\n'
    ),
    "type setattr": (
        'class A: n = "x"\ntype.__setattr__(A, "n", "c")\nif A.n == "c": op.drop_column("t", A.n)\n'
    ),
    "super setattr": (
        "class A:\n"
        '    n = "x"\n'
        '    def go(self): super().__setattr__("n", "c")\n'
        "a = A()\n"
        "a.go()\n"
        'if a.n == "c": op.drop_column("t", a.n)\n'
    ),
    "__class__ set": (
        "class A:\n"
        "    def go(self): pass\n"
        "class B:\n"
        '    def go(self): op.drop_column("t", "c")\n'
        "a = A()\n"
        "a.__class__ = B\n"
        "a.go()\n"
    ),
    "__bases__ set": (
        "class Z: pass\n"
        "class A(Z):\n"
        "    pass\n"
        "class B:\n"
        '    def go(self): op.drop_column("t", "c")\n'
        "A.__bases__ = (B,)\n"
        "A().go()\n"
    ),
    "own setattr": ('class A:\n    def __setattr__(self, k, v): op.drop_column("t", "c")\nA().x = 1\n'),
    "own delattr": ('class A:\n    def __delattr__(self, k): op.drop_column("t", "c")\na = A()\ndel a.x\n'),
    "descriptor": (
        "class Des:\n"
        '    def __get__(self, o, t=None): op.drop_column("t", "c")\n'
        "class A:\n"
        "    x = Des()\n"
        "A().x\n"
    ),
    "closing": (
        "import contextlib\n"
        "class K:\n"
        '    def close(self): op.drop_column("t", "c")\n'
        "with contextlib.closing(K()): pass\n"
    ),
    "exitstack": (
        'import contextlib\nwith contextlib.ExitStack() as s: s.callback(op.drop_column, "t", "c")\n'
    ),
    "exitstack push": (
        "import contextlib\n"
        "s = contextlib.ExitStack()\n"
        's.push(lambda *a: op.drop_column("t", "c"))\n'
        "s.close()\n"
    ),
    "starmap": ('import itertools\nlist(itertools.starmap(op.drop_column, [("t", "c")]))\n'),
    "accumulate": ('import itertools\nlist(itertools.accumulate(["t", "c"], op.drop_column))\n'),
    "chain callables": ('import itertools\nfor f in itertools.chain([op.drop_column], []): f("t", "c")\n'),
    "takewhile": (
        'import itertools\ndef p(x): op.drop_column("t", "c")\nlist(itertools.takewhile(p, [1]))\n'
    ),
    "cycle": ('import itertools\nnext(itertools.cycle([op.drop_column]))("t", "c")\n'),
    "zip_longest": (
        'import itertools\nfor f, g in itertools.zip_longest([op.drop_column], [1]): f("t", "c")\n'
    ),
    "reduce": 'import functools\nfunctools.reduce(op.drop_column, ["t", "c"])\n',
    "partialmethod": (
        "import functools\n"
        "class A:\n"
        '    go = functools.partialmethod(lambda self, *a: op.drop_column(*a), "t", "c")\n'
        "A().go()\n"
    ),
    "singledispatch": (
        "import functools\n"
        "@functools.singledispatch\n"
        "def f(x): pass\n"
        "@f.register\n"
        'def _(x: int): op.drop_column("t", "c")\n'
        "f(1)\n"
    ),
    "singledispatch2": (
        'import functools\ndef g(x): op.drop_column("t", "c")\nf = functools.singledispatch(g)\nf(1)\n'
    ),
    "cache": 'import functools\nfunctools.cache(op.drop_column)("t", "c")\n',
    "lru": ('import functools\nfunctools.lru_cache(maxsize=1)(op.drop_column)("t", "c")\n'),
    "wraps": ('import functools\nfunctools.update_wrapper(op.drop_column, len)("t", "c")\n'),
    "cmp_to_key": (
        "import functools\n"
        'def f(a, b): op.drop_column("t", "c")\n'
        "sorted([1, 2], key=functools.cmp_to_key(f))\n"
    ),
    "simplenamespace": 'import types\ntypes.SimpleNamespace(f=op.drop_column).f("t", "c")\n',
    "simplenamespace set": (
        'import types\nn = types.SimpleNamespace()\nn.f = op.drop_column\nn.f("t", "c")\n'
    ),
    "methodtype": 'import types\ntypes.MethodType(op.drop_column, "t")("c")\n',
    "chainmap": ('import collections\ncollections.ChainMap({"f": op.drop_column})["f"]("t", "c")\n'),
    "userdict": ('import collections\ncollections.UserDict(f=op.drop_column)["f"]("t", "c")\n'),
    "userdict sub": (
        "import collections\n"
        "class M(collections.UserDict): pass\n"
        "m = M()\n"
        'm["f"] = op.drop_column\n'
        'm["f"]("t", "c")\n'
    ),
    "dict sub": ('class M(dict): pass\nm = M()\nm["f"] = op.drop_column\nm["f"]("t", "c")\n'),
    "list sub": ('class M(list): pass\nm = M()\nm.append(op.drop_column)\nm[0]("t", "c")\n'),
    "userlist": ('import collections\ncollections.UserList([op.drop_column])[0]("t", "c")\n'),
    "deque": ('import collections\ncollections.deque([op.drop_column]).popleft()("t", "c")\n'),
    "ordered": ('import collections\ncollections.OrderedDict(f=op.drop_column)["f"]("t", "c")\n'),
    "local": ('import threading\nl = threading.local()\nl.f = op.drop_column\nl.f("t", "c")\n'),
    "thread": (
        "import threading\n"
        't = threading.Thread(target=op.drop_column, args=("t", "c"))\n'
        "t.start()\n"
        "t.join()\n"
    ),
    "thread fn": (
        "import threading\n"
        'def f(): op.drop_column("t", "c")\n'
        "t = threading.Thread(target=f)\n"
        "t.start()\n"
        "t.join()\n"
    ),
    "thread sub": (
        "import threading\n"
        "class T(threading.Thread):\n"
        '    def run(self): op.drop_column("t", "c")\n'
        "t = T()\n"
        "t.start()\n"
        "t.join()\n"
    ),
    "timer": ('import threading\nthreading.Timer(0, op.drop_column, ["t", "c"]).start()\n'),
    "atexit": 'import atexit\natexit.register(op.drop_column, "t", "c")\n',
    "finalize": ('import weakref\nclass A: pass\nweakref.finalize(A(), op.drop_column, "t", "c")\n'),
    "signal": ('import signal\nsignal.signal(signal.SIGALRM, lambda *a: op.drop_column("t", "c"))\n'),
    "log handler": (
        "import logging\n"
        "class H(logging.Handler):\n"
        '    def emit(self, r): op.drop_column("t", "c")\n'
        "logging.getLogger().addHandler(H())\n"
        'logging.warning("x")\n'
    ),
    "log filter": (
        "import logging\n"
        "class H:\n"
        '    def filter(self, r): op.drop_column("t", "c")\n'
        "logging.getLogger().addFilter(H())\n"
        'logging.warning("x")\n'
    ),
    "log filter fn": (
        "import logging\n"
        'logging.getLogger().addFilter(lambda r: op.drop_column("t", "c"))\n'
        'logging.warning("x")\n'
    ),
    "log str": (
        "import logging\n"
        "class H:\n"
        '    def __str__(self): op.drop_column("t", "c")\n'
        'logging.warning("%s", H())\n'
    ),
    "sched": ('import sched\ns = sched.scheduler()\ns.enter(0, 0, op.drop_column, ("t", "c"))\ns.run()\n'),
    "queue": ('import queue\nq = queue.Queue()\nq.put(op.drop_column)\nq.get()("t", "c")\n'),
    "futures": (
        "import concurrent.futures\n"
        'with concurrent.futures.ThreadPoolExecutor() as e: e.submit(op.drop_column, "t", "c")\n'
    ),
    "futures map": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        'with ThreadPoolExecutor() as e: list(e.map(op.drop_column, ["t"], ["c"]))\n'
    ),
    "asyncio": ('import asyncio\nasync def f(): op.drop_column("t", "c")\nasyncio.run(f())\n'),
    "asyncio to_thread": ('import asyncio\nasyncio.run(asyncio.to_thread(op.drop_column, "t", "c"))\n'),
    "asyncio call_soon": ('import asyncio\nasyncio.new_event_loop().call_soon(op.drop_column, "t", "c")\n'),
    "coroutine send": 'async def f(): op.drop_column("t", "c")\nc = f()\nc.send(None)\n',
    "contextvar": (
        'import contextvars\nv = contextvars.ContextVar("v")\nv.set(op.drop_column)\nv.get()("t", "c")\n'
    ),
    "ctx run": ('import contextvars\ncontextvars.copy_context().run(op.drop_column, "t", "c")\n'),
    "copy": 'import copy\ncopy.copy(op).drop_column("t", "c")\n',
    "deepcopy dict": 'import copy\ncopy.deepcopy({"f": op.drop_column})["f"]("t", "c")\n',
    "operator.call": 'import operator\noperator.call(op.drop_column, "t", "c")\n',
    "operator.getitem": 'import operator\noperator.getitem([op.drop_column], 0)("t", "c")\n',
    "operator.setitem": (
        'import operator\nd = {}\noperator.setitem(d, "f", op.drop_column)\nd["f"]("t", "c")\n'
    ),
    "re.sub": 'import re\nre.sub("x", lambda m: op.drop_column("t", "c"), "x")\n',
    "re.sub bound": ('import re\nre.compile("x").sub(lambda m: op.drop_column("t", "c"), "x")\n'),
    "json default": ('import json\njson.dumps(object(), default=lambda o: op.drop_column("t", "c"))\n'),
    "json hook": ('import json\njson.loads("{}", object_hook=lambda o: op.drop_column("t", "c"))\n'),
    "heapq key": ('import heapq\nheapq.nsmallest(1, [1], key=lambda o: op.drop_column("t", "c"))\n'),
    "groupby": ('import itertools\nlist(itertools.groupby([1], lambda o: op.drop_column("t", "c")))\n'),
    "string formatter": (
        "import string\n"
        "class F(string.Formatter):\n"
        '    def get_value(self, *a): op.drop_column("t", "c")\n'
        'F().format("{x}", x=1)\n'
    ),
    "template": (
        "import string\n"
        "class M:\n"
        '    def __getitem__(self, k): op.drop_column("t", "c")\n'
        'string.Template("$x").substitute(M())\n'
    ),
    "format map": (
        'class M:\n    def __getitem__(self, k): op.drop_column("t", "c")\n"{x}".format_map(M())\n'
    ),
    "percent": ('class M:\n    def __getitem__(self, k): op.drop_column("t", "c")\n"%(x)s" % M()\n'),
    "generator send": (
        'def g():\n    o = yield\n    yield o\nx = g()\nnext(x)\nx.send(op).drop_column("t", "c")\n'
    ),
    "generator send2": (
        'def g():\n    o = yield\n    o.drop_column("t", "c")\n    yield\nx = g()\nnext(x)\nx.send(op)\n'
    ),
    "generator throw": (
        "def g():\n"
        "    try:\n"
        "        yield\n"
        "    except ValueError:\n"
        '        op.drop_column("t", "c")\n'
        "        yield\n"
        "x = g()\n"
        "next(x)\n"
        "x.throw(ValueError())\n"
    ),
    "generator close": (
        "def g():\n"
        "    try:\n"
        "        yield\n"
        "    finally:\n"
        '        op.drop_column("t", "c")\n'
        "x = g()\n"
        "next(x)\n"
        "x.close()\n"
    ),
    "walrus comp": '[f := op.drop_column for _ in (1,)]\nf("t", "c")\n',
    "walrus comp global": '[(n := "c") for _ in (1,)]\nif n == "c": op.drop_column("t", n)\n',
    "**obj": (
        "class M:\n"
        '    def keys(self): return ["column_name"]\n'
        '    def __getitem__(self, k): return "c"\n'
        'op.drop_column("t", **M())\n'
    ),
    "**obj effect": (
        "class M:\n"
        "    def keys(self):\n"
        '        op.drop_column("t", "c")\n'
        "        return []\n"
        "    def __getitem__(self, k): return 1\n"
        "dict(**M())\n"
    ),
    "exec unknown": 'import os\nexec(os.environ["X"])\n',
    "ModuleType": (
        "import types\n"
        'm = types.ModuleType("m")\n'
        'exec("from alembic import op\\ndef f(): op.drop_column(1, 2)", m.__dict__)\n'
        "m.f()\n"
    ),
    "exec dict": ('d = {}\nexec("from alembic import op\\ndef f(): op.drop_column(1, 2)", d)\nd["f"]()\n'),
    "exec globals sets": (
        'd = {"n": "x"}\nexec("n = \'c\'", d)\nif d["n"] == "c": op.drop_column("t", d["n"])\n'
    ),
    "exec compiled": 'exec(compile("""op.drop_column(\'t\', \'c\')""", "x", "exec"))\n',
    "resolve_name op": ('import pkgutil\npkgutil.resolve_name("alembic:op").drop_column("t", "c")\n'),
}

#: A script, and what stands beside it.
AROUND: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "a function that a docstring names": (
        (
            "import sys\ndef upgrade():\n    'so that go works'\n"
            "    getattr(sys.modules[__name__], upgrade.__doc__.split()[2])()\n"
            "def go():\n    op.drop_column('t', 'c')\n"
        ),
        {},
    ),
    "func globals": (
        (
            "def upgrade():\n"
            "    def a():\n"
            '        if N == "c": op.drop_column("t", N)\n'
            '    a.__globals__["N"] = "c"\n'
            "    a()\n"
            'N = "x"\n'
        ),
        {},
    ),
    "exec unknown in helper": (
        "import app.h\ndef upgrade():\n    pass\n",
        {"app/h.py": 'import os\nexec(os.environ["X"])\n'},
    ),
    "exec unknown in fn": (
        "import app.h\ndef upgrade():\n    pass\n",
        {"app/h.py": 'import os\ndef f():\n    exec(os.environ["X"])\nf()\n'},
    ),
    "exec known in helper": (
        "import app.h\ndef upgrade():\n    pass\n",
        {"app/h.py": 'exec("from alembic import op\\nop.drop_column(1, 2)")\n'},
    ),
    "eval known in helper": (
        "import app.h\ndef upgrade():\n    pass\n",
        {"app/h.py": "eval(\"__import__('alembic').op.drop_column(1, 2)\")\n"},
    ),
    "runpy": (
        'def upgrade():\n    import runpy\n    runpy.run_path("app/h.py")\n',
        {"app/h.py": 'from alembic import op\nop.drop_column("t", "c")\n'},
    ),
    "run_module": (
        'def upgrade():\n    import runpy\n    runpy.run_module("app.h")\n',
        {"app/h.py": 'from alembic import op\nop.drop_column("t", "c")\n'},
    ),
    "sfl": (
        (
            "def upgrade():\n"
            "    import importlib.machinery as m\n"
            '    m.SourceFileLoader("h", "app/h.py").load_module()\n'
        ),
        {"app/h.py": 'from alembic import op\nop.drop_column("t", "c")\n'},
    ),
    "spec": (
        (
            "def upgrade():\n"
            "    import importlib.util as u\n"
            '    s = u.spec_from_file_location("h", "app/h.py")\n'
            "    m = u.module_from_spec(s)\n"
            "    s.loader.exec_module(m)\n"
        ),
        {"app/h.py": 'from alembic import op\nop.drop_column("t", "c")\n'},
    ),
    "resolve_name": (
        ('def upgrade():\n    import pkgutil\n    pkgutil.resolve_name("app.h:f")()\n'),
        {"app/h.py": 'from alembic import op\ndef f(): op.drop_column("t", "c")\n'},
    ),
    "exec open read": (
        'def upgrade():\n    exec(open("app/h.py").read())\n',
        {"app/h.py": 'from alembic import op\nop.drop_column("t", "c")\n'},
    ),
    "module getattr": (
        "from app.h import x\ndef upgrade():\n    x\n",
        {"app/h.py": ('from app.ops import o as op\ndef __getattr__(n): op.drop_column("t", "c")\n')},
    ),
    "module getattr direct": (
        "from app.h import x\ndef upgrade():\n    pass\n",
        {"app/h.py": ('from alembic import op\ndef __getattr__(n): op.drop_column("t", "c")\n')},
    ),
    "star all": (
        "from app.h import *\ndef upgrade():\n    _go()\n",
        {"app/h.py": ('from alembic import op\n__all__ = [\'_go\']\ndef _go(): op.drop_column("t", "c")\n')},
    ),
    "star all limits": (
        ("go = lambda: op.drop_column('t', 'c')\nfrom app.h import *\ndef upgrade():\n    go()\n"),
        {"app/h.py": "__all__ = []\ndef go(): pass\n"},
    ),
    "star hidden": (
        ("def drop(): op.drop_column('t', 'c')\nfrom app.h import *\ndef upgrade():\n    drop()\n"),
        {"app/h.py": "def _x(): pass\n__all__ = ['_x']\ndef drop(): pass\n"},
    ),
    "package attr": (
        "from app import h\ndef upgrade():\n    h.go()\n",
        {
            "app/__init__.py": (
                "from alembic import op\n"
                "class h:\n"
                "    @staticmethod\n"
                '    def go(): op.drop_column("t", "c")\n'
            ),
            "app/h.py": "def go(): pass\n",
        },
    ),
    "package attr2": (
        "import app.h\ndef upgrade():\n    app.h.go()\n",
        {
            "app/__init__.py": "",
            "app/h.py": "import app\ndef go(): pass\nfrom app import real\napp.h = real\n",
            "app/real.py": 'from alembic import op\ndef go(): op.drop_column("t", "c")\n',
        },
    ),
    "init_subclass": (
        "from app.h import B\ndef upgrade():\n    class X(B): pass\n",
        {
            "app/h.py": (
                "from app.ops import o as op\n"
                "class B:\n"
                '    def __init_subclass__(cls): op.drop_column("t", "c")\n'
            )
        },
    ),
    "set_name": (
        ("from app.h import B\ndef upgrade():\n    class X:\n        x = B()\n"),
        {
            "app/h.py": (
                "from app.ops import o as op\n"
                "class B:\n"
                '    def __set_name__(self, o, n): op.drop_column("t", "c")\n'
            )
        },
    ),
    "class_getitem": (
        "from app.h import B\ndef upgrade():\n    B[int]\n",
        {
            "app/h.py": (
                "from app.ops import o as op\n"
                "class B:\n"
                '    def __class_getitem__(cls, o): op.drop_column("t", "c")\n'
            )
        },
    ),
    "meta call": (
        "from app.h import B\ndef upgrade():\n    B()\n",
        {
            "app/h.py": (
                "from app.ops import o as op\n"
                "class M(type):\n"
                '    def __call__(cls): op.drop_column("t", "c")\n'
                "class B(metaclass=M): pass\n"
            )
        },
    ),
    "meta new": (
        ("from app.h import M\ndef upgrade():\n    class B(metaclass=M): pass\n"),
        {
            "app/h.py": (
                "from app.ops import o as op\n"
                "class M(type):\n"
                '    def __new__(cls, *a): op.drop_column("t", "c")\n'
            )
        },
    ),
    "meta prepare": (
        ("from app.h import M\ndef upgrade():\n    class B(metaclass=M): pass\n"),
        {
            "app/h.py": (
                "from app.ops import o as op\n"
                "class M(type):\n"
                '    def __prepare__(cls, *a): op.drop_column("t", "c")\n'
            )
        },
    ),
    "meta fn": (
        ("from app.h import M\ndef upgrade():\n    class B(metaclass=M): pass\n"),
        {"app/h.py": 'from app.ops import o as op\ndef M(*a): op.drop_column("t", "c")\n'},
    ),
    "new": (
        "from app.h import B\ndef upgrade():\n    B()\n",
        {
            "app/h.py": (
                'from app.ops import o as op\nclass B:\n    def __new__(cls): op.drop_column("t", "c")\n'
            )
        },
    ),
}

#: A special method of a class in `app/h.py`, and what calls it.
SPECIAL: Mapping[str, str] = {
    "__eq__": "B() == 1\n",
    "__bool__": "if B(): pass\n",
    "__iter__": "for _ in B(): pass\n",
    "__contains__": "1 in B()\n",
    "__format__": "f'{B()}'\n",
    "__enter__": "with B(): pass\n",
    "__exit__": "with B(): pass\n",
    "__del__": "B()\n",
    "__getattr__": "B().x\n",
    "__getattribute__": "B().x\n",
    "__add__": "B() + 1\n",
    "__radd__": "1 + B()\n",
    "__iadd__": "b = B()\nb += 1\n",
    "__call__": "B()()\n",
    "__len__": "len(B())\n",
    "__hash__": "{B()}\n",
    "__str__": "str(B())\n",
    "__repr__": "repr(B())\n",
    "__getitem__": "B()[0]\n",
    "__setitem__": "B()[0] = 1\n",
    "__delitem__": "del B()[0]\n",
    "__lt__": "sorted([B(), B()])\n",
    "__neg__": "-B()\n",
    "__index__": "[1][B()]\n",
    "__int__": "int(B())\n",
    "__next__": "next(B())\n",
    "__missing__": "B()\n",
    "__reversed__": "reversed(B())\n",
    "__await__": "pass; B()\n",
    "__matmul__": "B() @ 1\n",
    "__get__": "class X:\n    x = B()\nX().x\n",
    "__set__": "class X:\n    x = B()\nX().x = 1\n",
    "__dir__": "dir(B())\n",
    "__instancecheck__": "isinstance(1, B())\n",
    "__fspath__": "import os\nos.fspath(B())\n",
}

#: What does nothing: a script, and what stands beside it.
SILENT: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "import plain": (
        "import app.h\ndef upgrade():\n    pass\n",
        {
            "app/h.py": (
                "import json, os\n"
                "X = json.dumps({})\n"
                "if __name__ == '__main__':\n"
                "    from app.ops import o\n"
                "    o.drop_column('t','c')\n"
            )
        },
    ),
    "type checking": (
        "import app.h\ndef upgrade():\n    pass\n",
        {
            "app/h.py": (
                "from typing import TYPE_CHECKING\n"
                "if TYPE_CHECKING:\n"
                "    from app.ops import o\n"
                "    import app.t\n"
                "def f(x: 'o'): pass\n"
            ),
            "app/t.py": "from alembic import op\nop.drop_column('t', 'c')\n",
        },
    ),
    "param upgrade": (
        (
            "def f(upgrade): return upgrade\n"
            "def upgrade():\n"
            '    """Drop column via op.drop_column"""\n'
            "    f(1)\n"
        ),
        {},
    ),
    "logging conn": (
        (
            "def upgrade():\n"
            "    import logging\n"
            "    c = op.get_bind()\n"
            '    logging.getLogger(__name__).info("using %s", c)\n'
            "    print(c)\n"
        ),
        {},
    ),
    "contextmanager": (
        (
            "import contextlib\n"
            "@contextlib.contextmanager\n"
            "def cm():\n"
            "    yield 1\n"
            "def upgrade():\n"
            "    with cm(): pass\n"
        ),
        {},
    ),
    "dataclass": (
        (
            "import dataclasses\n"
            "@dataclasses.dataclass\n"
            "class A:\n"
            "    n: str = 'x'\n"
            "    def __str__(self): return self.n\n"
            "def upgrade():\n"
            "    print(A())\n"
        ),
        {},
    ),
    "namespace": (
        (
            "def upgrade():\n"
            "    import types\n"
            "    n = types.SimpleNamespace(a=1)\n"
            "    n.a\n"
            "    import logging\n"
            "    logging.info(n)\n"
        ),
        {},
    ),
    "sys stdout": (
        ("def upgrade():\n    import sys\n    sys.stdout.write('x')\n    sys.stdout.flush()\n"),
        {},
    ),
    "starmap harmless": (
        ("def upgrade():\n    import itertools\n    list(itertools.starmap(lambda a, b: a + b, [(1, 2)]))\n"),
        {},
    ),
    "exception class": (
        (
            "class E(Exception):\n"
            "    def __str__(self): return 'x'\n"
            "def upgrade():\n"
            "    try:\n"
            "        pass\n"
            "    except E as e:\n"
            "        print(e)\n"
        ),
        {},
    ),
    "env patched": ("def upgrade():\n    import os\n    os.environ['X'] = '1'\n", {}),
    "importlib resources": (
        "import app.h\ndef upgrade():\n    pass\n",
        {
            "app/h.py": (
                "import importlib.metadata\n"
                "__version__ = importlib.metadata.version('x')\n"
                "import re\n"
                "P = re.compile('x')\n"
            )
        },
    ),
    "a text that tells of another function": (
        (
            "def upgrade():\n    'so that downgrade works'\n    x = 1\n    'downgrade drops it'\n"
            "def downgrade():\n    op.drop_column('t', 'c')\n"
        ),
        {},
    ),
    "a cache, texts and a logger of libraries": (
        (
            "from coaster.utils import uuid2suuid\n"
            "from dogpile.cache import make_region\n"
            "from utils_flask_sqla.migrations.utils import logger\n"
            "from utils_flask_sqla.utils import strtobool\n"
            "REGION = make_region().configure('dogpile.cache.memory')\n"
            "def upgrade():\n    logger.info(uuid2suuid('x'))\n    logger.info(strtobool('on'))\n"
        ),
        {},
    ),
}


def _found(root: Path, script: str, modules: Mapping[str, str]) -> set[str]:
    """What upgrade does: kinds with the columns that they are about."""
    files = {
        "alembic.ini": "[alembic]\nscript_location = app/migrations\n",
        "app/__init__.py": "",
        **modules,
        "app/migrations/versions/a.py": HEAD + script,
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode("latin-1" if "latin-1" in text else "utf-8"))
    (reading,) = read_paths([root / "app/migrations/versions/a.py"])
    return {f"{each.kind} {each.column or ''}" for each in reading.upgrade if each.kind != "create_table"}


def _said(found: set[str]) -> bool:
    return any(each.startswith(("drop_column", "opaque")) for each in found)


@pytest.mark.parametrize("name", CASES)
def test_what_runs_is_read(name: str, tmp_path: Path) -> None:
    script, modules, expected = CASES[name]
    found = _found(tmp_path, script, modules)
    if expected:
        assert any(each.startswith(expected) for each in found), found
    else:
        assert not found


@pytest.mark.parametrize("name", IMPORTED)
def test_what_an_import_runs_is_not_hidden_by_how_it_is_written(name: str, tmp_path: Path) -> None:
    assert _said(
        _found(tmp_path, f"import app.h\n{UPGRADE}    pass\n", {**OTHERS, "app/h.py": IMPORTED[name]})
    )


@pytest.mark.parametrize("name", INSIDE)
def test_what_reaches_the_database_is_not_lost(name: str, tmp_path: Path) -> None:
    assert _said(_found(tmp_path, UPGRADE + indent(INSIDE[name], "    "), {}))


@pytest.mark.parametrize("name", AROUND)
def test_what_stands_around_is_followed(name: str, tmp_path: Path) -> None:
    script, modules = AROUND[name]
    assert _said(_found(tmp_path, script, {**OTHERS, **modules}))


@pytest.mark.parametrize("name", SPECIAL)
def test_what_python_calls_by_itself_is_followed(name: str, tmp_path: Path) -> None:
    method = f"    def {name}(self, *a):\n        o.drop_column('t', 'c')\n"
    module = f"from app.ops import o\nclass B:\n{method}"
    script = f"from app.h import B\n{UPGRADE}{indent(SPECIAL[name], '    ')}"
    assert _said(_found(tmp_path, script, {**OTHERS, "app/h.py": module}))


@pytest.mark.parametrize("name", SILENT)
def test_what_does_nothing_is_silent(name: str, tmp_path: Path) -> None:
    script, modules = SILENT[name]
    assert not _found(tmp_path, script, {**OTHERS, **modules})
