"""Random migration scripts that run: what they drop depends on everything that Python offers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

_HEAD = """\
import contextlib
import dataclasses
import enum
import functools
import itertools
import operator
from collections import OrderedDict, defaultdict, namedtuple

import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None

"""

#: The sorts of values that programs hold.
_SORTS = ("text", "list", "dict", "number")


class _Names:
    """What may be used where a line stands: names by sort, and functions that take and give a text."""

    def __init__(self, above: _Names | None = None) -> None:
        self.values: dict[str, list[str]] = {
            sort: [] if above is None else list(above.values[sort]) for sort in _SORTS
        }
        self.functions: list[str] = [] if above is None else list(above.functions)
        self.thunks: list[str] = [] if above is None else list(above.thunks)  # called without arguments
        self.many: list[str] = [] if above is None else list(above.many)  # generators of texts, from a list


class Program:
    """Writes one script; every choice comes from `random`."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.lines: list[str] = []
        self.indent = 0
        self.made = 0
        self.names = _Names()
        self.loops = 0
        self.inside = 0  # functions
        self.left = random.randint(4, 26)  # statements

    def source(self) -> str:
        """The whole text."""
        for _ in range(self.random.randint(0, 3)):
            self.random.choice(
                [self.function, self.klass, self.assign, self.generator, self.decorated, self.manager]
            )()
        self.emit("def upgrade():")
        self.within(self.body, function=True)
        return _HEAD + "\n".join(self.lines) + "\n\n\ndef downgrade():\n    pass\n"

    # How lines come about

    def emit(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def fresh(self, letter: str) -> str:
        self.made += 1
        return f"{letter}{self.made}"

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def pick(self, options: list[str]) -> str:
        return self.random.choice(options)

    def within(self, write: Callable[[], None], *, function: bool = False) -> None:
        """Writes a block; what it names is forgotten at the end of a function, and perhaps after others."""
        outer, loops = self.names, self.loops
        self.names = _Names(outer)
        self.indent += 1
        if function:
            self.loops = 0
            self.inside += 1
        before = len(self.lines)
        write()
        if len(self.lines) == before:
            self.emit("pass")
        self.indent -= 1
        inner = self.names
        self.loops = loops
        self.names = outer
        if function:
            self.inside -= 1
        elif self.chance(50):  # may not be bound: Python then raises, and so much the better
            self.names = inner

    def body(self) -> None:
        for _ in range(self.random.randint(1, 6)):
            self.statement()

    def statement(self) -> None:
        if self.left <= 0 or self.indent > 6:
            self.drop()
            return
        self.left -= 1
        self.random.choice(_STATEMENTS)(self)

    # Statements

    def drop(self) -> None:
        table, column = self.text(), self.text()
        quoted = self.pick(
            ["ALTER TABLE {0} DROP COLUMN {1}", "DROP TABLE {0}", 'ALTER TABLE "{0}" DROP "{1}"']
        )
        form = self.random.randrange(12)
        if form < 4:
            self.emit(f"op.drop_column({table}, {column})")
        elif form < 6:
            self.emit(f"op.drop_table({table})")
        elif form == 6:
            self.emit(f"op.execute({quoted!r}.format({table}, {column}))")
        elif form == 7:
            text = self.pick(
                [
                    f'f"DROP TABLE {{{self.name("text")}}}"',
                    f'"DROP TABLE %s" % {table}',
                    f'"DROP TABLE " + {table}',
                    f'" ".join(["DROP", "TABLE", {table}])',
                ]
            )
            self.emit(f"op.execute({text})")
        elif form == 8:
            self.emit(f"with op.batch_alter_table({table}) as batch:")
            self.emit(f"    batch.drop_column({column})")
        elif form == 9:
            self.emit(f"op.get_bind().execute(sa.text({quoted!r}.format({table}, {column})))")
        elif form == 10:
            name = self.pick(["'drop_table'", "'drop_' + 'table'", "'_'.join(['drop', 'table'])"])
            self.emit(f"getattr(op, {name})({table})")
        else:
            self.emit(f"op.drop_column(**{{'table_name': {table}, 'column_name': {column}}})")

    def assign(self) -> None:
        sort = self.random.choice(_SORTS)
        known = self.names.values[sort]
        name = self.pick(known) if known and self.chance(40) else self.fresh(sort[0])
        value = self.expression(sort)
        if sort == "list" and known and self.chance(30):
            value = self.pick(known)  # two names for one list
        self.emit(f"{name} = {value}")
        if name not in known:
            known.append(name)

    def change(self) -> None:
        text, other, many, pairs, number = (
            self.text(),
            self.text(),
            self.name("list"),
            self.name("dict"),
            self.name("number"),
        )
        self.emit(
            self.pick(
                [
                    f"{many}.append({text})",
                    f"{many}.extend({self.list()})",
                    f"{many}.insert({self.number()}, {text})",
                    f"{many} += [{text}]",
                    f"{many} += {self.list()}",
                    f"{many}.reverse()",
                    f"{many}.sort()",
                    f"{many}.sort(key=lambda x: x[::-1], reverse=True)",
                    f"{many}.pop()",
                    f"{many}.clear()",
                    f"{many}[0] = {text}",
                    f"{many}[-1:] = [{text}, {other}]",
                    f"{many}.remove({text})",
                    f"del {many}[0]",
                    f"{pairs}[{text}] = {other}",
                    f"{pairs}.update({{{text}: {other}}})",
                    f"{pairs}.update(k={text})",
                    f"{pairs}.setdefault({text}, {other})",
                    f"{pairs}.pop({text}, None)",
                    f"{pairs} |= {{{text}: {other}}}",
                    f"{number} += {self.number()}",
                    f"{number} -= 1",
                    f"{number} *= 2",
                    f"{self.name('text')} += {text}",
                ]
            )
        )

    def unpack(self) -> None:
        first, rest = self.fresh("t"), self.fresh("l")
        self.emit(
            self.pick(
                [
                    f"{first}, *{rest} = {self.list()}",
                    f"*{rest}, {first} = {self.list()}",
                    f"{first}, {rest} = {self.text()}, {self.list()}",
                    f"({first}, *_), {rest} = {self.list()}, {self.list()}",
                ]
            )
        )
        self.names.values["text"].append(first)
        self.names.values["list"].append(rest)

    def branch(self) -> None:
        self.emit(f"if {self.condition()}:")
        self.within(self.body)
        if self.chance(30):
            self.emit(f"elif {self.condition()}:")
            self.within(self.body)
        if self.chance(50):
            self.emit("else:")
            self.within(self.body)

    def loop(self) -> None:
        item = self.fresh("t")
        other = self.fresh("t")
        sources = [
            (item, self.list()),
            (item, f"{self.dict()}"),
            (f"{item}, {other}", f"{self.dict()}.items()"),
            (f"_, {item}", f"enumerate({self.list()})"),
            (f"{item}, {other}", f"zip({self.list()}, {self.list()})"),
            (item, f"reversed({self.list()})"),
            (item, f"map(str.upper, {self.list()})"),
            (item, f"({self.transformed('x')} for x in {self.list()} if {self.test('x')})"),
            (f"{item}, {other}", f"itertools.product({self.list()}, {self.list()})"),
            (f"{item}, {other}", f"itertools.zip_longest({self.list()}, {self.list()}, fillvalue='z')"),
            (item, f"itertools.chain({self.list()}, {self.list()})"),
            (item, f"itertools.islice({self.list()}, {self.number()})"),
            (item, f"sorted({self.list()}, key=len)"),
            (item, f"dict.fromkeys({self.list()})"),
            (item, "[r[0] for r in op.get_bind().execute('SELECT name FROM names').fetchall()]"),
            (f"({item}, {other})", f"[({self.text()}, {self.text()}), ({self.text()}, {self.text()})]"),
        ]
        if self.names.many:
            sources.append((item, f"{self.pick(self.names.many)}({self.list()})"))
        target, source = self.random.choice(sources)
        self.emit(f"for {target} in {source}:")

        def write() -> None:
            self.loops += 1
            self.names.values["text"].append(item)
            if other in target:
                self.names.values["text"].append(other)
            self.body()

        self.within(write)
        if self.chance(20):
            self.emit("else:")
            self.within(self.body)

    def repeat(self) -> None:
        count = self.fresh("n")
        self.emit(f"{count} = 0")
        self.emit(f"while {count} < {self.random.randint(1, 4)}:")
        self.indent += 1
        self.emit(f"{count} += 1")
        self.indent -= 1
        self.names.values["number"].append(count)

        def write() -> None:
            self.loops += 1
            self.body()

        self.within(write)

    def drain(self) -> None:
        name = self.name("list")
        self.emit(f"while {name}:")
        item = self.fresh("t")
        self.indent += 1
        self.emit(f"{item} = {name}.pop({self.pick(['', '0'])})")
        self.indent -= 1
        self.names.values["text"].append(item)

        def write() -> None:
            self.loops += 1
            self.drop()

        self.within(write)

    def attempt(self) -> None:
        self.emit("try:")

        def write() -> None:
            self.body()
            if self.chance(50):
                self.raising()

        self.within(write)
        named = self.chance(60)
        caught = self.pick(["Exception", "ValueError", "(KeyError, ValueError)", "LookupError"])
        if self.chance(80):
            self.emit(f"except {caught}{' as error' if named else ''}:")

            def handle() -> None:
                if named and self.chance(60):
                    self.emit(f"op.drop_table({self.pick(['str(error)', 'error.args[0]'])})")
                self.body()

            self.within(handle)
            if self.chance(30):
                self.emit("else:")
                self.within(self.body)
            if self.chance(30):
                self.emit("finally:")
                self.within(self.body)
        else:
            self.emit("finally:")
            self.within(self.body)

    def raising(self) -> None:
        self.emit(
            self.pick(
                [
                    f"raise ValueError({self.text()})",
                    f"raise KeyError({self.text()})",
                    f"assert {self.condition()}, {self.text()}",
                    f"{self.name('dict')}[{self.text()}]",
                    f"int({self.text()})",
                    f"{self.name('list')}[{self.number()}]",
                ]
            )
        )

    def leave(self) -> None:
        if self.chance(70):
            self.emit(f"if {self.condition()}:")
            self.indent += 1
            self._leave()
            self.indent -= 1
        else:
            self.raising()

    def _leave(self) -> None:
        if self.loops and self.chance(70):
            self.emit(self.pick(["break", "continue"]))
        elif self.inside:
            self.emit(f"return {self.text()}")
        else:
            self.raising()

    def managed(self) -> None:
        self.emit(
            self.pick(
                [
                    "with contextlib.suppress(Exception):",
                    "with contextlib.suppress(KeyError, ValueError):",
                    "with op.get_context().autocommit_block():",
                    "with contextlib.ExitStack() as stack:",
                    "with contextlib.nullcontext(1) as nothing:",
                ]
            )
        )

        def write() -> None:
            if "ExitStack" in self.lines[-1]:
                self.emit(f"stack.callback(op.drop_table, {self.text()})")
            self.body()

        self.within(write)

    def function(self) -> None:
        name = self.fresh("f")
        parameter, extra = self.fresh("t"), self.fresh("l")
        shape = self.random.randrange(7)
        head = {
            0: f"def {name}({parameter}):",
            1: f"def {name}({parameter}={self.text()}):",
            2: f"def {name}({parameter}, *{extra}):",
            3: f"def {name}({parameter}, {extra}=[]):",
            4: f"def {name}({parameter}, *, {extra}=()):",
            5: f"def {name}(*{extra}, **others):",
            6: f"def {name}({parameter}, /, **others):",
        }[shape]
        self.emit(head)

        def write() -> None:
            if shape == 5:
                self.emit(f"{parameter} = {extra}[0]")
            self.names.values["text"].append(parameter)
            if shape in (3,):
                self.names.values["list"].append(extra)
                self.emit(f"{extra}.append({parameter})")
            self.body()
            if self.chance(80):
                self.emit(f"return {self.text()}")

        self.within(write, function=True)
        self.names.functions.append(name)

    def generator(self) -> None:
        name, given = self.fresh("g"), self.fresh("l")
        self.emit(f"def {name}({given}):")

        def write() -> None:
            self.names.values["list"].append(given)
            item = self.fresh("t")
            self.emit(f"for {item} in {given}:")
            self.indent += 1
            self.names.values["text"].append(item)
            self.emit(f"yield {self.transformed(item)}")
            if self.chance(50):
                self.drop()
            self.indent -= 1
            if self.chance(40):
                self.emit(f"yield from {self.list()}")
            if self.chance(30):
                self.emit("try:")
                self.emit(f"    yield {self.text()}")
                self.emit("finally:")
                self.emit(f"    op.drop_table({self.text()})")

        self.within(write, function=True)
        self.names.many.append(name)

    def decorated(self) -> None:
        name, wrapped = self.fresh("f"), self.fresh("d")
        self.emit(f"def {wrapped}(function):")
        self.indent += 1
        self.emit("@functools.wraps(function)")
        self.emit("def inner(*args, **kwargs):")
        self.indent += 1
        self.drop()
        self.emit("return function(*args, **kwargs)")
        self.indent -= 1
        self.emit("return inner")
        self.indent -= 1
        parameter = self.fresh("t")
        self.emit(f"@{wrapped}")
        self.emit(f"def {name}({parameter}):")

        def write() -> None:
            self.names.values["text"].append(parameter)
            self.body()
            self.emit(f"return {parameter}")

        self.within(write, function=True)
        self.names.functions.append(name)

    def manager(self) -> None:
        name, parameter = self.fresh("m"), self.fresh("t")
        self.emit("@contextlib.contextmanager")
        self.emit(f"def {name}({parameter}):")
        self.indent += 1
        if self.chance(50):
            self.emit("try:")
            self.emit(f"    yield {parameter} + 'm'")
            self.emit(self.pick(["finally:", "except Exception:"]))
            self.emit(f"    op.drop_table({parameter})")
        else:
            self.emit(f"op.drop_table({parameter})")
            self.emit(f"yield {parameter}")
            self.emit(f"op.drop_column({parameter}, 'after')")
        self.indent -= 1
        item = self.fresh("t")
        # used at once, inside a function of its own
        thunk = self.fresh("f")
        self.emit(f"def {thunk}(given='t1'):")

        def write() -> None:
            self.emit(f"with {name}(given) as {item}:")
            self.names.values["text"].append(item)
            self.within(self.body)
            self.emit("return given")

        self.within(write, function=True)
        self.names.functions.append(thunk)

    def klass(self) -> None:
        name, thunk, item = self.fresh("C"), self.fresh("f"), self.fresh("t")
        self.emit(f"class {name}:")
        self.indent += 1
        shared = self.chance(50)
        if shared:
            self.emit("seen = []")
        self.emit(f"def __init__(self, {item}={self.text()}):")

        def start() -> None:
            self.emit(f"self.table = {item}")
            if self.chance(40):
                self.drop()

        self.within(start, function=True)
        method = self.pick(
            ["run", "__call__", "__enter__", "__iter__", "__getitem__", "__len__", "prop", "__add__"]
        )
        if method == "prop":
            self.emit("@property")
        self.emit(f"def {method}(self, *rest):")

        def run() -> None:
            if shared:
                self.emit("self.seen.append(self.table)")
                self.emit("for each in self.seen:")
                self.emit("    op.drop_column(each, self.table)")
            self.emit("op.drop_table(self.table)")
            if self.chance(50):
                self.body()
            if method == "__iter__":
                self.emit(f"return iter({self.list()})")
            elif method == "__len__":
                self.emit(f"return {self.random.randint(0, 2)}")
            else:
                self.emit("return self.table")

        self.within(run, function=True)
        if method == "__enter__":
            self.emit("def __exit__(self, *why):")
            self.emit("    op.drop_column(self.table, 'exit')")
            self.emit(f"    return {self.pick(['True', 'False', 'None'])}")
        self.indent -= 1
        made = name
        if self.chance(40):
            made = self.fresh("C")
            self.emit(f"class {made}({name}):")
            self.indent += 1
            if self.chance(50):
                self.emit(f"def __init__(self, {item}='sub'):")
                self.emit(f"    super().__init__({item} + {self.text()})")
            if method not in ("prop",) and self.chance(50):
                self.emit(f"def {method}(self, *rest):")
                self.emit("    op.drop_table('before')")
                self.emit(f"    return super().{method}(*rest)")
            self.emit("extra = 1")
            self.indent -= 1
        use = {
            "run": f"{made}(given).run()",
            "__call__": f"{made}(given)()",
            "__iter__": f"[op.drop_table(each) for each in {made}(given)]",
            "__getitem__": f"{made}(given)['key']",
            "__len__": f"len({made}(given))",
            "prop": f"{made}(given).prop",
            "__add__": f"{made}(given) + 1",
        }
        self.emit(f"def {thunk}(given='t1'):")
        if method == "__enter__":
            self.emit(f"    with {made}(given) as entered:")
            self.emit("        op.drop_table(entered)")
        else:
            self.emit(f"    {use[method]}")
        self.emit("    return given")
        self.names.functions.append(thunk)

    def later(self) -> None:
        """Functions that are kept in a list and called afterwards, with what their names then mean."""
        kept, item = self.fresh("k"), self.fresh("t")
        self.emit(f"{kept} = []")
        self.emit(f"for {item} in {self.list()}:")
        self.emit(
            "    "
            + self.pick(
                [
                    f"{kept}.append(lambda: op.drop_table({item}))",
                    f"{kept}.append(lambda {item}={item}: op.drop_table({item}))",
                    f"{kept}.append(functools.partial(op.drop_column, {item}))",
                    f"{kept}.append(lambda *a: op.drop_column({item}, *a))",
                ]
            )
        )
        self.emit(f"for call in {kept}:")
        self.emit(f"    call({self.text() if 'column' in self.lines[-2] else ''})")

    def nested(self) -> None:
        """A function that changes a name of the function around it."""
        name, text = self.fresh("f"), self.fresh("t")
        if not self.inside:
            self.function()
            return
        self.emit(f"{text} = {self.text()}")
        self.emit(f"def {name}(given):")
        self.indent += 1
        self.emit(f"nonlocal {text}")
        self.emit(f"{text} = {self.pick([f'given + {text}', f'{text} + given', 'given'])}")
        self.emit(f"op.drop_column({text}, given)")
        if self.chance(30):
            self.emit(f"if len({text}) < 9:")
            self.emit(f"    {name}(given)")
        self.emit(f"return {text}")
        self.indent -= 1
        self.names.values["text"].append(text)
        self.names.functions.append(name)
        self.emit(f"{name}({self.text()})")

    def matching(self) -> None:
        bound = self.fresh("t")
        self.emit(f"match {self.pick([self.text(), self.list(), self.dict()])}:")
        self.indent += 1
        for _ in range(self.random.randint(1, 3)):
            self.emit(
                "case "
                + self.pick(
                    [
                        f"'t{self.random.randint(0, 4)}':",
                        f"[{bound}, *_]:",
                        f"{{'t1': {bound}}}:",
                        f"str({bound}):",
                        f"[{bound}] | [_, {bound}]:",
                        f"str() as {bound} if {self.condition()}:",
                    ]
                )
            )

            def write() -> None:
                if bound in self.lines[-1]:
                    self.emit(f"op.drop_table({bound})")
                self.body()

            self.within(write)
        if self.chance(50):
            self.emit("case _:")
            self.within(self.body)
        self.indent -= 1

    def call(self) -> None:
        if not self.names.functions:
            self.function()
            return
        name = self.pick(self.names.functions)
        self.emit(
            self.pick(
                [
                    f"{name}({self.text()})",
                    f"for _ in map({name}, {self.list()}): pass",
                    f"[{name}(x) for x in {self.list()}]",
                    f"op.drop_table({name}({self.text()}))",
                    f"list(filter({name}, {self.list()}))",
                    f"sorted({self.list()}, key={name})",
                    f"functools.reduce(lambda a, b: {name}(a), {self.list()}, {self.text()})",
                    f"{name}(*{self.list()}[:1])",
                    f"any({name}(x) for x in {self.list()})",
                    f"{{'a': {name}}}['a']({self.text()})",
                    f"({name} if {self.condition()} else print)({self.text()})",
                    f"{self.condition()} and {name}({self.text()})",
                    f"{self.condition()} or {name}({self.text()})",
                ]
            )
        )

    # Expressions

    def name(self, sort: str) -> str:
        """A name of this sort, made first where there is none."""
        known = self.names.values[sort]
        if not known:
            name = self.fresh(sort[0])
            literal = {
                "text": f"'t{self.random.randint(0, 4)}'",
                "list": "['t1', 't2', 't_3']",
                "dict": "{'t1': 'a', 't2': 'b'}",
                "number": "1",
            }
            self.emit(f"{name} = {literal[sort]}")
            known.append(name)
        return self.pick(known)

    def expression(self, sort: str) -> str:
        return {"text": self.text, "list": self.list, "dict": self.dict, "number": self.number}[sort]()

    def text(self, deep: int = 0) -> str:
        plain = f"'t{self.random.randint(0, 4)}'"
        if self.chance(30 + 30 * deep):
            return plain
        known = self.names.values["text"]
        if known and self.chance(40):
            return self.pick(known)
        inner = self.text(deep + 1) if deep < 2 else plain
        other = self.text(deep + 1) if deep < 2 else plain
        many = self.list(deep + 1)
        options = [
            f"({inner} + {other})",
            f"('%s_%s' % ({inner}, {other}))",
            f"'{{}}{{}}'.format({inner}, {other})",
            f"'{{0}}_{{a}}'.format({inner}, a={other})",
            f"{inner}.upper()",
            f"{inner}.replace('t', 'u')",
            f"{inner}[:{self.random.randint(-2, 3)}]",
            f"{inner}[::-1]",
            f"{inner}.partition('_')[0]",
            f"{inner}.rjust(4, 'x')",
            f"'_'.join({many})",
            f"({many} or ['e'])[0]",
            f"({many} + [{inner}])[-1]",
            f"{self.dict(deep + 1)}.get({inner}, {other})",
            f"({inner} if {self.condition(deep + 1)} else {other})",
            f"({inner} or {other})",
            f"({inner} and {other})",
            f"str({self.number(deep + 1)})",
            f"next(iter({many}), {inner})",
            f"next((x for x in {many} if {self.test('x')}), {inner})",
            f"max({many}, default={inner})",
            f"min({inner}, {other})",
            f"(lambda x: {self.transformed('x')})({inner})",
            f"functools.reduce(operator.add, {many}, {inner})",
            f"{inner}.join({many})",
            f"({inner} * {self.number(deep + 1)})",
            f"'ab'.translate({{97: {inner}}})",
        ]
        if known:
            name = self.pick(known)
            options += [f'f"{{{name}}}"', f'f"{{{name}:>3}}_x"', f'f"{{{name}!r}}"', f"({name} := {inner})"]
        if self.names.functions:
            options += [f"str({self.pick(self.names.functions)}({inner}))"] * 3
        return self.pick(options)

    def list(self, deep: int = 0) -> str:
        known = self.names.values["list"]
        if known and self.chance(45):
            return self.pick(known)
        literal = (
            "[" + ", ".join(f"'t{self.random.randint(0, 4)}'" for _ in range(self.random.randint(0, 3))) + "]"
        )
        if deep > 1 or self.chance(30):
            return literal
        inner = self.list(deep + 1)
        options = [
            f"sorted({inner})",
            f"list(reversed({inner}))",
            f"list(dict.fromkeys({inner}))",
            f"({inner} + {literal})",
            f"{inner}[1:]",
            f"{inner}[::2]",
            f"[{self.transformed('x')} for x in {inner} if {self.test('x')}]",
            f"[x + y for x in {inner} for y in {literal}]",
            f"[x + y for x, y in zip({inner}, {literal})]",
            f"list({self.dict(deep + 1)})",
            f"list({self.dict(deep + 1)}.values())",
            f"'a b t1'.split({self.pick(['', 'None', 'None, 1'])})",
            f"[*{inner}, {self.text(deep + 1)}]",
            f"list(map(lambda x: {self.transformed('x')}, {inner}))",
            f"list(filter(lambda x: {self.test('x')}, {inner}))",
            f"sorted(set({inner}))",
            f"sorted({inner}, key=lambda x: x[-1:], reverse=True)",
            f"[str(n) for n in range({self.random.randint(0, 3)})]",
            f"list(itertools.chain.from_iterable([{inner}, {literal}]))",
            f"[x for i, x in enumerate({inner}, 1) if i % 2]",
            f"({inner} * 2)",
            f"{inner}.copy()",
            f"list(tuple({inner})[:2])",
            f"list(itertools.takewhile(lambda x: {self.test('x')}, {inner}))",
            f"list(itertools.accumulate({inner}))",
            f"[k for k, v in {self.dict(deep + 1)}.items() if {self.test('v')}]",
            f"[list(pair)[0] for pair in itertools.combinations({inner}, 2)]",
        ]
        if self.names.many:
            options += [f"list({self.pick(self.names.many)}({inner}))"] * 3
        return self.pick(options)

    def dict(self, deep: int = 0) -> str:
        known = self.names.values["dict"]
        if known and self.chance(45):
            return self.pick(known)
        literal = f"{{'t1': 't{self.random.randint(0, 4)}', 't2': 't{self.random.randint(0, 4)}'}}"
        if deep > 1 or self.chance(30):
            return literal
        many = self.list(deep + 1)
        return self.pick(
            [
                f"dict(zip({many}, {self.list(deep + 1)}))",
                f"{{x: {self.transformed('x')} for x in {many}}}",
                f"{{**{literal}, {self.text(deep + 1)}: {self.text(deep + 1)}}}",
                f"dict(t1={self.text(deep + 1)})",
                f"dict({literal}, t3='c')",
                f"({literal} | {{'t1': 'z'}})",
                f"dict([(x, x) for x in {many}])",
                f"OrderedDict({literal})",
                f"dict.fromkeys({many}, 'v')",
            ]
        )

    def number(self, deep: int = 0) -> str:
        known = self.names.values["number"]
        if known and self.chance(40):
            return self.pick(known)
        if deep > 1 or self.chance(50):
            return str(self.random.randint(-1, 4))
        return self.pick(
            [
                f"len({self.list(deep + 1)})",
                f"({self.number(deep + 1)} + {self.number(deep + 1)})",
                f"({self.number(deep + 1)} % 3)",
                f"({self.number(deep + 1)} // 2)",
                f"abs({self.number(deep + 1)})",
                f"{self.text(deep + 1)}.count('t')",
                f"sum(1 for x in {self.list(deep + 1)} if {self.test('x')})",
                "int('2')",
                f"int({self.condition(deep + 1)} is True)",
            ]
        )

    def transformed(self, name: str) -> str:
        """A text made of the text behind a name."""
        return self.pick(
            [
                name,
                f"{name} + '_x'",
                f"{name}.upper()",
                f"f'{{{name}}}_{{{name}}}'",
                f"{name}[-1:]",
                f"'p' + {name}",
            ]
        )

    def test(self, name: str) -> str:
        return self.pick([name, f"{name} != 't1'", f"{name}.startswith('t')", f"len({name}) > 1", "True"])

    def condition(self, deep: int = 0) -> str:
        if self.chance(12):
            return self.pick(
                [
                    "op.get_bind().execute('SELECT 1').scalar()",
                    "op.get_bind().dialect.name == 'mysql'",
                    "op.get_bind().execute('SELECT 1').fetchone()",
                    "op.get_context().as_sql",
                ]
            )
        if deep > 1:
            return self.pick(["True", "False", "None"])
        return self.pick(
            [
                f"{self.text(deep + 1)} == {self.text(deep + 1)}",
                f"{self.text(deep + 1)} in {self.list(deep + 1)}",
                f"{self.text(deep + 1)} not in {self.dict(deep + 1)}",
                f"{self.number(deep + 1)} > {self.number(deep + 1)}",
                f"0 <= {self.number(deep + 1)} < 2",
                f"not {self.list(deep + 1)}",
                f"{self.list(deep + 1)}",
                f"{self.text(deep + 1)}.startswith('t')",
                f"({self.condition(deep + 1)}) and ({self.condition(deep + 1)})",
                f"({self.condition(deep + 1)}) or ({self.condition(deep + 1)})",
                f"not ({self.condition(deep + 1)})",
                f"any({self.test('x')} for x in {self.list(deep + 1)})",
                f"all({self.test('x')} for x in {self.list(deep + 1)})",
                f"isinstance({self.text(deep + 1)}, str)",
                f"set({self.list(deep + 1)}) & {{'t1', 't2'}}",
                f"{self.dict(deep + 1)}.get('t1') is None",
                f"len({self.list(deep + 1)}) == {self.number(deep + 1)}",
                f"{self.list(deep + 1)} < {self.list(deep + 1)}",
                f"callable({self.text(deep + 1)})",
            ]
        )


_STATEMENTS: list[Callable[[Program], None]] = [
    *[Program.drop] * 5,
    *[Program.assign] * 4,
    *[Program.change] * 4,
    *[Program.branch] * 4,
    *[Program.loop] * 4,
    *[Program.call] * 4,
    *[Program.leave] * 3,
    *[Program.attempt] * 2,
    *[Program.managed, Program.repeat, Program.drain, Program.unpack],
    *[Program.function, Program.generator, Program.decorated, Program.manager, Program.klass],
    *[Program.later, Program.nested, Program.matching],
]


def program(random: Random) -> str:
    """One script."""
    return Program(random).source()
