"""What a migration does on import, and through a library that the reader cannot read."""

from __future__ import annotations

from collections.abc import Callable

from tests.reading.random_migrations.writer import HELPER, Writer

Body = Callable[[], None]

#: A library that is no part of the project; `running` has it, and nobody else.
LIBRARY = "outside_library"
SOURCE = """
import contextlib


def call(function, *given, **named):
    return function(*given, **named)


def later(function):
    def inner(*given):
        return function(*given)
    return inner


def once(function):
    function()
    return function


def each(items):
    yield from items


@contextlib.contextmanager
def around(function):
    yield
    function()


class Step:
    def __init__(self, *given):
        self.given = given

    def run(self):
        return self.step()


def registered(cls):
    cls.now()
    return cls
"""


def library(w: Writer, body: Body) -> None:
    """Statements that only a library's code calls."""
    w.unknown = True
    w.use(f"import {LIBRARY}")
    name = w.fresh("given")
    form = w.random.randrange(7)
    if form == 5:
        with w.block(f"class {name}({LIBRARY}.Step):"), w.block("def step(self):"):
            body()
        w.emit(f"{name}().run()")
        return
    if form == 6:
        w.emit(f"@{LIBRARY}.registered")
        with w.block(f"class {name}:"):
            w.emit("@classmethod")
            with w.block("def now(cls):"):
                body()
        return
    if form == 4:
        w.emit(f"@{LIBRARY}.once")
    if form == 3:
        w.emit(f"@{LIBRARY}.later")
    with w.block(f"def {name}():"):
        body()
    if form == 0:
        w.emit(f"{LIBRARY}.call({name})")
    elif form == 1:
        w.emit(f"for each in {LIBRARY}.each([{name}]): each()")
    elif form == 2:
        with w.block(f"with {LIBRARY}.around({name}):"):
            w.emit("pass")
    elif form == 3:
        w.emit(f"{name}()")


def imported(w: Writer, body: Body) -> None:
    """Statements at the top of the helper module, which the script imports, or of the script."""
    w.unknown = True  # it happens before all that stands before it
    if w.in_helper or w.chance(30):
        with w.at_top():
            body()
        return
    with w.at_helper():
        body()
    form = w.random.randrange(4)
    if form == 0:
        w.use(f"import {HELPER}")
    elif form == 1:
        w.use(f"from {HELPER} import *")
    elif form == 2:
        w.emit(f"import {HELPER}")
    else:
        w.use("import importlib")
        w.emit(f"importlib.import_module({HELPER!r})")
