"""Statements put into functions and classes, which are then called in the ways that Python offers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from tests.reading.random_migrations.texts import spelled
from tests.reading.random_migrations.writer import Writer

Body = Callable[[], None]


def function(w: Writer, body: Body) -> None:
    """A function that is called once."""
    name = w.fresh("step")
    called = _placed(w, name, lambda: _defined(w, name, body))
    w.emit(_call(w, called))


def _placed(w: Writer, name: str, define: Body) -> str:
    """Defines something here, at the top or in the helper module; gives its name here."""
    place = w.random.randrange(4)
    if place == 0 and not w.in_helper:
        with w.at_helper():
            define()
        return w.from_helper(name)
    at: AbstractContextManager[None] = w.at_top() if place == 1 else nullcontext()
    with at:
        define()
    return name


def _defined(w: Writer, name: str, body: Body) -> None:
    if w.chance(25):
        _decorated(w)
    with w.block(f"def {name}(*args, **kwargs):"):
        if w.chance(20):
            with w.block(f"if {w.pick(['args', 'kwargs', 'len(args) > 3'])}:"):
                w.emit("return op.drop_table('not_this')")
        if w.chance(15):
            with w.block("try:"):
                body()
                w.emit("return 1")
            with w.block("finally:"):
                w.emit("pass")
        else:
            body()
        if w.chance(25):
            w.emit("return")
            w.emit("op.drop_table('not_this')")


def _decorated(w: Writer) -> None:
    name = w.fresh("decorator")
    form = w.random.randrange(4)
    with w.at_top():
        if form == 0:
            w.use("import functools")
            with w.block(f"def {name}(function):"):
                w.emit("@functools.wraps(function)")
                with w.block("def wrapper(*args, **kwargs):"):
                    w.emit("return function(*args, **kwargs)")
                w.emit("return wrapper")
        elif form == 1:
            with w.block(f"def {name}(times=1):"):
                with w.block("def decorate(function):"):
                    with w.block("def wrapper(*args, **kwargs):"), w.block("for _ in range(times):"):
                        w.emit("function(*args, **kwargs)")
                    w.emit("return wrapper")
                w.emit("return decorate")
        elif form == 2:
            with w.block(f"def {name}(function):"):
                w.emit("function.marked = True")
                w.emit("return function")
        else:
            with w.block(f"class {name}:"):
                with w.block("def __init__(self, function):"):
                    w.emit("self.function = function")
                with w.block("def __call__(self, *args, **kwargs):"):
                    w.emit("return self.function(*args, **kwargs)")
    w.emit(f"@{name}(1)" if form == 1 and w.chance(50) else f"@{name}()" if form == 1 else f"@{name}")


def _call(w: Writer, name: str) -> str:
    form = w.random.randrange(14)
    if form == 0:
        w.use("import functools")
        return f"functools.partial({name})()"
    if form == 1:
        return f"(lambda: {name}())()"
    if form == 2:
        key = spelled(w, "up", 1)
        return f"{{'up': {name}, 'down': None}}[{key}]()"
    if form == 3:
        return f"[each() for each in ({name},)]"
    if form == 4:
        return f"for each in [{name}]: each()"
    if form == 5:
        return f"True and {name}()"
    if form == 6:
        return f"None or {name}()"
    if form == 7:
        return f"result = {name}()"
    if form == 8:
        return f"list(map(lambda each: each(), [{name}]))"
    if form == 9:
        return f"if (result := {name}()): pass"
    if form == 10:
        return f"(lambda function: function())({name})"
    if form == 11:
        return f"print({name}(), end='') if False else {name}()"
    return f"{name}()"


def generator(w: Writer, body: Body) -> None:
    """A generator that is exhausted once."""
    name = w.fresh("steps")

    def define() -> None:
        with w.block(f"def {name}():"):
            w.emit("yield 1") if w.chance(30) else None
            body()
            w.emit("yield 2")

    called = _placed(w, name, define)
    w.emit(
        w.pick(
            [
                f"for _ in {called}(): pass",
                f"list({called}())",
                f"tuple({called}())",
                f"sum({called}())",
                f"[*{called}()]",
                f"for each in (x for x in {called}()): pass",
            ]
        )
    )


def manager(w: Writer, body: Body) -> None:
    """Around statements that do nothing: what happens, happens as the block is entered or left."""
    name = w.fresh("during")
    form = w.random.randrange(3)

    def define() -> None:
        w.use("import contextlib")
        if form == 2:
            with w.block(f"class {name}:"):
                with w.block("def __enter__(self):"):
                    w.emit("return self")
                with w.block("def __exit__(self, *error):"):
                    body()
            return
        w.emit("@contextlib.contextmanager")
        with w.block(f"def {name}():"):
            if form == 0:
                body()
                w.emit("yield op")
            else:
                with w.block("try:"):
                    w.emit("yield")
                with w.block("finally:"):
                    body()

    called = _placed(w, name, define)
    with w.block(f"with {called}():"):
        w.emit("pass")


def klass(w: Writer, body: Body) -> None:
    """A class one of whose methods is called."""
    name = w.fresh("Change")
    form = w.random.randrange(8)

    def define() -> None:
        if form == 0:
            with w.block(f"class {name}Base:"):
                with w.block("def run(self):"):
                    w.emit("return self.go()")
                with w.block("def go(self):"):
                    w.emit("op.drop_table('not_this')")
            with w.block(f"class {name}({name}Base):"), w.block("def go(self):"):
                body()
        elif form == 1:
            with w.block(f"class {name}Base:"), w.block("def run(self):"):
                body()
            with w.block(f"class {name}({name}Base):"), w.block("def run(self):"):
                w.emit(w.pick(["super().run()", f"super({name}, self).run()", f"{name}Base.run(self)"]))
        elif form == 2:
            with w.block(f"class {name}:"):
                w.emit("@property")
                with w.block("def run(self):"):
                    body()
                    w.emit("return lambda: None")
        elif form == 3:
            with w.block(f"class {name}:"):
                with w.block("def __init__(self):"):
                    body()
                w.emit("def run(self): pass")
        elif form == 4:
            with w.block(f"class {name}:"):
                w.emit("@classmethod")
                with w.block("def run(cls):"):
                    body()
        elif form == 5:
            with w.block(f"class {name}:"):
                w.emit("@staticmethod")
                with w.block("def run():"):
                    body()
        elif form == 6:
            with w.block(f"class {name}:"):
                w.emit("steps = ('_one',)")
                with w.block("def run(self):"), w.block("for step in self.steps:"):
                    w.emit("getattr(self, step)()")
                with w.block("def _one(self):"):
                    body()
        else:
            with w.block(f"class {name}:"):
                with w.block("def __call__(self):"):
                    body()
                with w.block("def run(self):"):
                    w.emit("self()")

    called = _placed(w, name, define)
    if form in (4, 5) and w.chance(50):
        w.emit(f"{called}.run()")
    elif w.chance(20):
        made = w.fresh("change")
        w.emit(f"{made} = {called}()")
        w.emit(f"{made}.run()")
    else:
        w.emit(f"{called}().run()")
