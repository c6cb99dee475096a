"""Scripts, files and folders made to hang, to eat memory, to crash the reader or to make it look elsewhere.

Each gets an answer soon and without a traceback, and what is dropped at the end is seen, or the reading says
that it does not come so far.
"""

from __future__ import annotations

import codecs
import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent

import pytest

from migration_lint.cli import main
from migration_lint.operations import ANY_TABLE, Operation
from migration_lint.reading import read_script_text
from tests.projects import Repository, write

#: Seconds of work, many times what any of these takes, and bytes that reading may add to the process.
_SECONDS = 8.0
_BYTES = 500_000_000

_HEAD = """\
import functools, itertools, re, sys
import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None

"""
_LAST = 'op.drop_column("t", "last")'


@pytest.fixture(autouse=True)
def _faults_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATION_LINT_DEBUG", "1")


def cost_of(run: Callable[[], object]) -> tuple[float, int]:
    """What something takes: seconds of this process, bytes on top of the most that it ever held."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    run()
    taken = time.process_time() - started
    return taken, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held) * 1024


def sees_the_last(operations: tuple[Operation, ...]) -> bool:
    """Whether the drop at the end of a script was read, or the reading says that it ends before it."""
    return any(
        (each.kind == "drop_column" and each.column == "last")
        or (each.kind == "opaque" and ANY_TABLE in each.tables)
        for each in operations
    )


# What a script computes

_BODIES = """
def f(): f()
f()
---
def f(n): return g(n + 1)
def g(n): return f([n])
f(0)
---
def f(n): return f(n - 1) + f(n - 1) if n else ["a"]
f(60)
---
f = lambda f: f(f)
f(f)
---
calls = [lambda: calls[0]()]
calls[0]()
---
while True: pass
---
n = 0
while n >= 0: n += 1
---
for _ in range(10 ** 12): pass
---
for i in range(10 ** 30): op.f(str(i))
---
for n in itertools.count(): op.f(n)
---
for n in itertools.cycle(["a"]): op.f(n)
---
def forever():
    while True: yield "a"
for each in forever(): op.f(each)
---
for each in iter(lambda: 1, 2): op.f(each)
---
x = "a" * 10 ** 10
---
x = b"a" * 10 ** 10
---
x = (1,) * 10 ** 10
---
x = [1] * 10 ** 10
---
x = bytes(10 ** 10); y = bytearray(10 ** 10)
---
op.execute([[0] * 9999] * 9999)
---
x = 10 ** 10 ** 10; y = 2 ** 99999999; z = pow(10, 10 ** 10)
---
x = 1 << 10 ** 9; y = 1 << 10 ** 30
---
x = 1 << 9999
for _ in range(9000): x = x + x
op.f(str(x))
---
x = int("9" * 999)
for _ in range(60): x = x * x
---
x = "a"
for _ in range(60): x = x + x
---
x = "a"
for _ in range(60): x = f"{x}{x}"
---
x = "a"
for _ in range(60): x = "%s%s" % (x, x)
---
x = "a"
for _ in range(60): x = "{0}{0}".format(x)
---
x = ["a"]
for _ in range(60): x += x
---
x = []
while True: x.append("a" * 10000)
---
x = []
for n in range(20000): x.append("a" * 900000 + str(n))
---
x = {}
for n in range(10 ** 6): x[n] = "a" * 100000
---
x = set()
for n in range(10 ** 6): x.add(n)
---
x = set(range(20000)) | set(str(n) for n in range(20000))
---
x = [[0] * 20000] * 20000
op.f(str(x)); y = sorted(x); z = x == x
---
x = [0]
for _ in range(60): x = [x, x]
op.f(str(x)); y = x in x; z = {"k": x}
---
x = ("a",)
for _ in range(60): x = (x, x)
y = "%s" % (x,); z = {x: 1}; w = x == (x, x); v = x < x; u = x + x
---
x, y = (0,), (0,)
for _ in range(60): x, y = (x, x), (y, y)
z = x == y; w = x if op.f else y; v = [x, y].index(y)
---
x = []
x.append(x)
op.f(str(x)); y = sorted(x); z = x == [x]; w = x in x
---
x = {}
x["x"] = x
op.f(str(x)); y = {**x}; z = x == x
---
x = "{:999999999}".format(1); y = "{0:>{1}}".format("a", 999999999)
---
x = f"{1:999999999}"
---
x = f"{1:{'9' * 5000}}"
---
x = "%999999999d" % 1
---
x = "%(a)999999999d" % {"a": 1}
---
x = "%*d" % (999999999, 1)
---
x = "%.999999999f" % 1.0
---
x = format(1, "999999999d"); y = format(1.0, ".999999999f")
---
x = "a".zfill(10 ** 9); y = "a".ljust(10 ** 9); z = "a".rjust(10 ** 9); w = "a".center(10 ** 9)
---
x = "\\t".expandtabs(10 ** 9); y = ("\\t" * 100000).expandtabs(9999); z = "\\t".expandtabs(tabsize=10 ** 9)
---
x = ("a" * 100000).replace("a", "b" * 100000)
---
x = ("a" * 100000).replace("", "b" * 100000)
---
x = ("," * 100000).join(["a"] * 20000)
---
x = ("a " * 400000).split()
for _ in range(5000): y = x + x
---
x = "a" * 999999
for _ in range(49000): x = x.upper()
---
x = ("a" * 999999).encode("utf-32").hex()
---
x = re.sub(r"(a+)+$", "", "a" * 40 + "b"); y = re.match(r"(a|a)*b", "a" * 60)
z = re.split("(x*)*y", "x" * 60)
---
x = list(itertools.product(*[range(100)] * 10))
---
x = list(itertools.product("ab", repeat=10 ** 6))
---
x = list(itertools.permutations(range(20))); y = list(itertools.combinations(range(40), 20))
---
x = list(itertools.repeat("a", 10 ** 12)); y = list(itertools.accumulate(itertools.count()))
---
x = [a for a in range(10000) for b in range(10000) for c in range(10000)]
---
x = {a: b for a in range(10000) for b in range(10000)}
---
x = sum(range(10 ** 12)); y = max(range(10 ** 12)); z = sorted(range(10 ** 12)); w = len(range(10 ** 30))
---
for each in zip(*[range(20000)] * 1000): pass
---
x = functools.reduce(lambda a, b: a + a, range(10 ** 6), "a")
---
x = chr(10 ** 10); y = "%c" % 10 ** 10; z = int("x" * 10000); w = int(float("inf")); v = round(float("nan"))
---
class A:
    def __getattr__(self, name): return getattr(self, name)
A().x
---
class A:
    def __eq__(self, other): return self == other
    def __hash__(self): return hash(self)
A() == A(); {A(): 1}; A() in [A()]
---
class A:
    @property
    def x(self): return self.y
    @property
    def y(self): return self.x
A().x
---
class A:
    def __getattribute__(self, name): return self.x
A().x
---
class A:
    def __iter__(self): return self
    def __next__(self): return "a"
for each in A(): op.f(each)
---
class A:
    def __str__(self): return f"{self}"
    def __len__(self): return len(self)
    def __bool__(self): return bool(self)
    def __call__(self): return self()
    def __getitem__(self, key): return self[key]
    def __add__(self, other): return self + other
f"{A()}"; len(A()); A()(); A()["x"]; A() + 1
if A(): pass
---
class Meta(type):
    def __call__(cls): return cls()
    def __getattr__(cls, name): return getattr(cls, name)
class A(metaclass=Meta): pass
A().x; A.y
---
x = type("X", (), {})
while x: x = type("X", (x,), {})
---
class A: pass
A.__bases__ = (A,)
class B(A): pass
B().x
---
def wrong(function): return 5
@wrong
def f(): pass
@None
def g(): pass
@5
class A: pass
f(); g(); A()
---
exec("exec(" * 50)
---
x = "pass"
for _ in range(60): x = f"exec({x!r})"
exec(x)
---
eval("(" * 10000)
---
exec("while True: exec('pass')")
---
globals()["other"] = None; globals()["f"] = globals; vars()["x"] = vars
---
sys.setrecursionlimit(10 ** 9); sys.exit(); sys.modules["alembic"] = None
---
__import__("a" * 100000); __import__("a." * 10000); __import__(""); __import__("..")
---
op.execute(op.execute); op.execute(op); op.execute(None); op.execute([op]); op.drop_table(op)
---
op.execute(sa.text(sa.text(sa.text)))
---
with op.batch_alter_table(op.batch_alter_table) as b: b.drop_column(b)
---
op.f(open("/etc/passwd").read())
---
op.execute(open("/dev/zero").read()); op.execute(open("/dev/stdin").read())
---
op.create_table("t", *[sa.Column(str(n), sa.String(10 ** 9)) for n in range(3000)])
---
op.add_column("t", sa.Column("c", sa.String(1 << 9999), server_default="a" * 900000))
---
op.f("\\ud800"); x = "\\ud800".encode(); y = "\\ud800"; op.f(f"{y!a}{y}"); op.execute(y)
""".strip("\n").split("\n---\n")


@pytest.mark.parametrize("body", _BODIES)
def test_what_a_script_computes_is_bounded(body: str) -> None:
    source = f"{_HEAD}def upgrade():\n{indent(body, '    ')}\n    {_LAST}\n"
    found: list[Operation] = []
    taken, grown = cost_of(lambda: found.extend(read_script_text(source).upgrade))
    assert taken < _SECONDS
    assert grown < _BYTES
    assert sees_the_last(tuple(found))


# How a file looks


def upgrade(*lines: str) -> str:
    return f"{_HEAD}def upgrade():\n" + "".join(f"    {line}\n" for line in (*lines, _LAST))


def nested(opening: str, count: int, inside: str = "pass") -> str:
    """A statement inside `count` others, a space deeper each; Python gives up at 100 levels."""
    lines = [" " * (4 + level) + opening for level in range(count)]
    return f"{_HEAD}def upgrade():\n" + "\n".join([*lines, " " * (4 + count) + inside, f"    {_LAST}\n"])


_TRIES = "".join(f"{' ' * (4 + n)}try:\n" for n in range(90)) + " " * 94 + "pass\n"
_TRIES += "".join(f"{' ' * (4 + n)}except Exception: op.f('{n}')\n" for n in reversed(range(90)))

_FILES: dict[str, str | bytes] = {
    "10,000 brackets": upgrade("x = " + "[" * 10_000 + "]" * 10_000),
    "150 brackets": upgrade("x = " + "[" * 150 + "]" * 150),
    "10,000 minus signs": upgrade("x = " + "-" * 10_000 + "1"),
    "10,000 times not": upgrade("x = " + "not " * 10_000 + "1"),
    "900 times not": upgrade("x = " + "not " * 900 + "1"),
    "lambdas in lambdas": upgrade("x = " + "lambda: " * 5_000 + "1"),
    "conditional expressions": upgrade("x = " + "1 if op else " * 20_000 + "2"),
    "5,000 nested ifs": nested("if op:", 5_000),
    "99 nested ifs": nested("if op.get_bind().scalar('x'):", 95, "op.drop_table('t')"),
    "19 nested loops": nested("for x in range(20000):", 19),
    "19 nested loops over the unknown": nested("for x in op.get_bind().execute('x'):", 19, "op.f(x)"),
    "90 nested functions": nested("def f(x=op):", 90),
    "90 nested classes": nested("class A:", 90),
    "90 nested tries": f"{_HEAD}def upgrade():\n{_TRIES}    {_LAST}\n",
    "elif 1,000 times": upgrade(
        "x = op.get_bind().scalar('x')", "if x == 0: pass", *[f"elif x == {n}: y = {n}" for n in range(1_000)]
    ),
    "1,000 conditions nobody knows": upgrade(
        "x = op.get_bind().scalar('x')", *[f"if x == {n}: y{n} = 1" for n in range(1_000)]
    ),
    "40 conditions on one name": upgrade(
        "x = op.get_bind().scalar('x')",
        "y = ''",
        *[f"if x == {n}: y = y + '{n}'" for n in range(40)],
        "op.f(y)",
    ),
    "40 early returns": upgrade(
        "x = op.get_bind().scalar('x')", *[f"if x == {n}: return" for n in range(40)]
    ),
    "300 handlers": upgrade(
        "try: op.f('x')", *[f"except (ValueError, E{n}): y = {n}" for n in range(300)], "finally: z = 1"
    ),
    "a long a.b.c": upgrade("x = op" + ".a" * 20_000),
    "a long call chain": upgrade("x = op" + ".a()" * 20_000),
    "a long sum": upgrade("x = " + " + ".join(["'a'"] * 20_000)),
    "a sum of 500": upgrade("x = " + " + ".join(["'a'"] * 500)),
    "a long comparison": upgrade("x = " + " < ".join(["1"] * 20_000)),
    "a long or": upgrade("x = " + " or ".join(["op"] * 20_000)),
    "many targets": upgrade(" = ".join(f"x{n}" for n in range(20_000)) + " = op"),
    "a very long name": upgrade("x" * 1_000_000 + " = 1", "op.f('" + "y" * 1_000_000 + "')"),
    "an integer of a million digits": upgrade("x = " + "9" * 1_000_000),
    "a hexadecimal integer of a million digits": upgrade("x = 0x" + "f" * 1_000_000, "op.f(str(x) + f'{x}')"),
    "10,000 parameters": f"{_HEAD}def f({', '.join(f'p{n}' for n in range(10_000))}): pass\n"
    + upgrade("f()"),
    "an f-string of many parts": upgrade("x = f'" + "{op}" * 6_000 + "'"),
    "a list of 25,000": upgrade("x = [" + "'abcdefgh', " * 25_000 + "]", "for y in x: op.f(y)"),
    "a string of seven megabytes": upgrade("x = '" + "a" * 7_000_000 + "'"),
    "ten megabytes": upgrade("x = '" + "a" * 10_000_000 + "'"),
    "3,000 operations": upgrade(*["op.drop_table('t')"] * 3_000),
    "a statement of 100,000 characters": upgrade(f"op.execute('SELECT {'a, ' * 30_000} b')"),
    "nothing but comments": "# a\n" * 500_000 + upgrade(),
    "a null byte": upgrade("x = 1") + "\0",
    "a byte order mark": codecs.BOM_UTF8 + upgrade().encode(),
    "a byte order mark and another cookie": codecs.BOM_UTF8 + b"# coding: latin-1\n" + upgrade().encode(),
    "latin-1": b"# coding: latin-1\n# \xe9\n" + upgrade().encode(),
    "a cookie nobody knows": b"# coding: nonsense\n" + upgrade().encode(),
    "a cookie that is no text encoding": b"# coding: hex\n" + upgrade().encode(),
    "a cookie of an encoding that unpacks": b"# coding: zlib\n" + upgrade().encode(),
    "rot13": b"# coding: rot13\n" + upgrade().encode(),
    "utf-7": b"# coding: utf-7\n" + upgrade().encode(),
    "utf-16": upgrade().encode("utf-16"),
    "utf-32": upgrade().encode("utf-32"),
    "no utf-8": upgrade().encode() + b"# \xff\xfe\n",
    "CR": upgrade().replace("\n", "\r"),
    "CRLF": upgrade().replace("\n", "\r\n"),
    "form feeds": upgrade().replace("\n\n", "\n\f\n"),
    "tabs and spaces": upgrade("if op:", "\tx = 1", "        y = 1"),
    "line separators of Unicode": upgrade("x = 'a\u2028b\x85c\x1cd'"),
    "a back slash at the end": upgrade() + "\\",
    "an indent at the end": upgrade() + "    ",
    "an open string": upgrade('x = """'),
    "names that look alike": upgrade("ｏｐ.drop_table('t')"),
}


@pytest.mark.parametrize("name", _FILES)
def test_a_file_made_to_hurt_is_answered(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _FILES[name]
    (tmp_path / "a1.py").write_bytes(data if isinstance(data, bytes) else data.encode())
    monkeypatch.chdir(tmp_path)
    answer(["a1.py"], capfd, bytes_allowed=_BYTES + 400 * len(data))


def answer(arguments: list[str], capfd: pytest.CaptureFixture[str], bytes_allowed: int = _BYTES) -> str:
    """What `show` prints, after a look at whether it answered as it should."""
    status: list[int] = []
    taken, grown = cost_of(lambda: status.append(main(["show", *arguments, "--format", "json"])))
    out, err = capfd.readouterr()
    assert status[0] in (0, 2)
    assert taken < _SECONDS
    assert grown < bytes_allowed
    assert "Traceback" not in out + err
    assert "defect" not in out + err
    assert (status[0] == 2) == bool(err)
    for line in out.splitlines():
        found = json.loads(line)["upgrade"]
        assert any(
            each.get("column") == "last" or (each["kind"] == "opaque" and ANY_TABLE in each["tables"])
            for each in found
        )
    assert status[0] == 2 or out
    return out + err


# What lies around a file


def test_modules_that_import_each_other(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(
        tmp_path,
        {
            "alembic.ini": "",
            "a1.py": "import a1, helper, package\nfrom helper import *\n"
            + upgrade("helper.f()", "package.g()"),
            "helper.py": "import other\nfrom other import *\nfrom helper import x\ndef f(): other.f()\n",
            "other.py": "import helper\nfrom helper import *\nfrom a1 import *\ndef f(): helper.f()\n",
            "package/__init__.py": "from .inner import *\nfrom . import inner\nfrom package import g\n",
            "package/inner.py": "from . import *\nfrom .. import *\nfrom ...... import a\ndef g(): h()\n",
        },
    )
    answer([str(tmp_path / "a1.py")], capfd)


def test_a_tower_of_modules(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = {f"m{n}.py": f"from m{n + 1} import *\nfrom m{n + 1} import x as y\n" for n in range(400)}
    write(tmp_path, {"alembic.ini": "", **files, "a1.py": "from m0 import *\n" + upgrade("op.f(x)")})
    answer([str(tmp_path / "a1.py")], capfd)


#: What must not be read: it stands outside of the project.
_SECRET = 'op.drop_table("secret")'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project beside a folder that is not its own."""
    outside = tmp_path / "outside"
    write(
        outside,
        {
            "secret.py": f"from alembic import op\ndef run(): {_SECRET}\nNAME = 'secret'\n",
            "secret.sql": "DROP TABLE secret",
            "b2.py": upgrade(_SECRET).replace("a1", "b2"),
        },
    )
    inside = tmp_path / "project"
    write(inside, {"alembic.ini": "[alembic]\nscript_location = .\n", "versions/keep.txt": ""})
    return inside


_LOOKS_ELSEWHERE = {
    "a script": ("versions/b2.py", "b2.py", "pass"),
    "a folder of scripts": ("versions/more", ".", "pass"),
    "a module": ("helper.py", "secret.py", "import helper; helper.run()"),
    "a package": ("helper", ".", "from helper import secret; secret.run()"),
    "SQL": ("drop.sql", "secret.sql", "op.execute(open('drop.sql').read())"),
    "SQL behind a folder": ("sql", ".", "op.execute(open('sql/secret.sql').read())"),
}


@pytest.mark.parametrize("name", _LOOKS_ELSEWHERE)
def test_a_link_is_not_followed_out_of_the_project(
    name: str, project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    link, target, body = _LOOKS_ELSEWHERE[name]
    (project / link).symlink_to(project.parent / "outside" / target)
    write(project, {"versions/a1.py": upgrade(*dedent(body).splitlines())})
    monkeypatch.chdir(project)
    assert '"secret"' not in answer(["."], capfd)


@pytest.mark.parametrize("name", ["a script", "a folder of scripts", "a module", "SQL"])
def test_a_link_in_a_commit_is_not_followed(
    name: str, project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    link, target, body = _LOOKS_ELSEWHERE[name]
    repository = Repository(project)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit({"README": ""})
    (project / link).symlink_to(project.parent / "outside" / target)
    write(project, {"versions/a1.py": upgrade(*dedent(body).splitlines())})
    repository.commit({})
    monkeypatch.chdir(project)
    for head in ("HEAD", "worktree"):
        status = main(["check", "--base", "HEAD~1", "--head", head, "--format", "json"])
        out, err = capfd.readouterr()
        assert status in (0, 1, 2)
        assert "Traceback" not in err
        assert "secret" not in out


@pytest.mark.parametrize(
    "path",
    [
        "/etc/hostname",
        "../outside/secret.sql",
        "../../../../../../etc/hostname",
        "versions/../../outside/secret.sql",
        "~/secret.sql",
        "versions/\\0.sql",
        "",
        ".",
        "/",
        "a" * 5_000,
    ],
)
def test_no_file_outside_of_the_project_is_read(
    path: str, project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.chdir(project)
    body = (
        f"p = '{path}'",
        "import os, pathlib",
        "op.execute(open(p).read())",
        "op.execute(pathlib.Path(p).read_text())",
        "op.execute((pathlib.Path(__file__).parent / p).read_text())",
        "op.execute(open(os.path.join(os.path.dirname(__file__), p)).read())",
        "for each in pathlib.Path(p).glob('**/*'): op.execute(each.read_text())",
        "for each in os.listdir(p): op.execute(open(each).read())",
    )
    write(project, {"versions/a1.py": upgrade(*body)})
    real = os.open

    def watched(place: str | bytes, *arguments: int) -> int:
        opened.append(place)
        return real(place, *arguments)

    monkeypatch.setattr(os, "open", watched)
    assert '"secret"' not in answer(["versions/a1.py"], capfd)
    inside = os.fsencode(project)
    assert [
        place
        for place in opened
        if not os.path.realpath(os.fsencode(str(place) if isinstance(place, Path) else place)).startswith(
            inside
        )
    ] == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_what_is_no_plain_file_is_passed_over(
    project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(project / "versions" / "b2.py")
    os.mkfifo(project / "helper.py")
    os.mkfifo(project / "drop.sql")
    (project / "versions" / "c3.py").mkdir()
    (project / "versions" / "d4.py").symlink_to("d4.py")
    (project / "versions" / "e5.py").symlink_to("/dev/zero")
    (project / "zero.sql").symlink_to("/dev/zero")
    body = ("import helper", "helper.f()", *(f"op.execute(open('{n}.sql').read())" for n in ("drop", "zero")))
    write(project, {"versions/a1.py": upgrade(*body)})
    monkeypatch.chdir(project)
    assert "a1.py" in answer(["."], capfd)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
@pytest.mark.parametrize("kind", ["fifo", "device", "link to itself", "link to a folder above"])
def test_what_is_no_plain_file_is_refused_where_it_is_named(
    kind: str, project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    place = project / "versions" / "a1.py"
    if kind == "fifo":
        os.mkfifo(place)
    else:
        place.symlink_to({"device": "/dev/zero", "link to itself": "a1.py"}.get(kind, "../.."))
    status = main(["show", str(place)])
    out, err = capfd.readouterr()
    assert (status, "Traceback" in err) == (2, False) or not out


def test_file_names_that_hurt(
    project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a\nb.py", "-rf.py", "a'b\".py", "ä€.py", "%s{0}.py", "\x1b[31m.py", " .py", "a.py.py"):
        write(project / "versions", {name: upgrade()})
    Path(os.fsdecode(os.fsencode(project / "versions") + b"/\xff\xfe.py")).write_text(upgrade())
    monkeypatch.chdir(project)
    answer(["."], capfd)


# SQL


def wrapped(levels: int) -> str:
    """A DROP in an EXECUTE of an EXECUTE of …, in a DO block; quotes double at every level."""
    text = "DROP TABLE t"
    for _ in range(levels):
        quoted = text.replace("'", "''")
        text = f"EXECUTE '{quoted}'"
    return f"DO $$ BEGIN {text}; END $$"


def blocks(levels: int) -> str:
    """DO blocks in DO blocks, each with a tag of its own."""
    text = "DROP TABLE t"
    for level in range(levels):
        text = f"DO $t{level}$ BEGIN {text}; END $t{level}$"
    return text


_SQL = {
    "comments 10,000 deep": "/*" * 10_000 + "*/" * 10_000,
    "comments 10,000 deep and one too few": "/*" * 10_000 + "*/" * 9_999,
    "EXECUTE 12 deep": wrapped(12),
    "DO 200 deep": blocks(200),
    "parentheses 10,000 deep": "SELECT " + "(" * 10_000 + "1" + ")" * 10_000,
    "parentheses in a column 10,000 deep": "ALTER TABLE t ADD c int CHECK " + "(" * 10_000 + ")" * 10_000,
    "CASE 10,000 deep": "SELECT " + "CASE WHEN a THEN " * 10_000 + "1" + " END" * 10_000,
    "queries 2,000 deep": "SELECT * FROM (" * 2_000 + "t" + ")" * 2_000,
    "CTEs 2,000 deep": "WITH a AS (" * 2_000 + "SELECT 1" + ") SELECT 1" * 2_000,
    "10,000 columns": "CREATE TABLE t (" + ", ".join(f"c{n} int" for n in range(10_000)) + ")",
    "4,000 actions": "ALTER TABLE t " + ", ".join(f"DROP COLUMN c{n}" for n in range(4_000)),
    "8,000 tables": "DROP TABLE " + ", ".join(f"t{n}" for n in range(8_000)),
    "a name of a megabyte": "DROP TABLE " + "t" * 1_000_000,
    "a quoted name of a megabyte": 'DROP TABLE "' + '""' * 500_000 + '"',
    "a string of a megabyte": "SELECT '" + "''" * 500_000 + "'",
    "8,000 statements": "SELECT 1;" * 8_000,
    "functions that call each other": "".join(
        f"CREATE FUNCTION f{n}() RETURNS void AS $$ BEGIN PERFORM f{(n + 1) % 9}(); "
        f"PERFORM f{(n + 2) % 9}(); END $$ LANGUAGE plpgsql;"
        for n in range(9)
    )
    + "SELECT f0()",
    "a text that grows": "DO $$ DECLARE v text := 'a'; BEGIN "
    + "FOR i IN 1..9 LOOP v := v || v || format('%s%s', v, v); END LOOP; " * 40
    + "EXECUTE v; END $$",
    "loops over many": "DO $$ BEGIN "
    + "FOREACH t IN ARRAY ARRAY['a','b','c','d','e','f','g','h'] LOOP " * 12
    + "EXECUTE 'DROP TABLE ' || t; "
    + "END LOOP; " * 12
    + "END $$",
    "every character": "".join(map(chr, range(1, 3_000))),
    "null bytes": "DROP\0TABLE\0t\0",
    "surrogates": "DROP TABLE \\ud800",
}


@pytest.mark.parametrize("name", _SQL)
def test_sql_made_to_hurt_is_bounded(name: str) -> None:
    text = _SQL[name] + "\n;ALTER TABLE t DROP COLUMN last"
    found: list[Operation] = []
    source = f"{_HEAD}def upgrade():\n    op.execute({text!r})\n"
    taken, grown = cost_of(lambda: found.extend(read_script_text(source).upgrade))
    assert taken < _SECONDS
    assert grown < _BYTES
    assert sees_the_last(tuple(found))


_OPEN = [
    "'",
    '"',
    "`",
    "[",
    "(",
    "/*",
    "/*!",
    "$$",
    "$a$",
    "E'\\",
    "q'[",
    "N'",
    'U&"',
    "BEGIN",
    "CASE",
    "DO $$ BEGIN",
]


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite", "mssql", "oracle"])
@pytest.mark.parametrize("opening", _OPEN)
def test_what_does_not_end_hides_nothing_in_front_of_it(opening: str, dialect: str) -> None:
    text = f"ALTER TABLE t DROP COLUMN last;\nSELECT {opening} a"
    source = f"{_HEAD}def upgrade():\n    op.execute({text!r})\n"
    assert sees_the_last(read_script_text(source, dialect=dialect).upgrade)  # type: ignore[arg-type]
