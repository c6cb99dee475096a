"""A group of operations as one statement that runs for each of them."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.operations import Operation
from tests.reading.random_migrations import calls
from tests.reading.random_migrations.heaps import Rows, heap
from tests.reading.random_migrations.plan import FIELDS
from tests.reading.random_migrations.statements import parametrised
from tests.reading.random_migrations.texts import spelled
from tests.reading.random_migrations.writer import Writer


def loop(w: Writer, operations: Sequence[Operation]) -> None:
    """Writes it."""
    kind = operations[0].kind
    as_sql = not calls.has_method(operations[0]) or w.chance(45)
    fields = FIELDS[kind]
    names = {field: w.fresh(field[0]) for field in fields}
    rows = [_row(w, operation, fields, as_sql) for operation in operations]
    targets = ", ".join(names.values())
    w.pick(_FORMS)(w, operations, names, targets, rows, as_sql)


def _row(w: Writer, operation: Operation, fields: Sequence[str], as_sql: bool) -> list[str]:
    found = []
    for field in fields:
        value = getattr(operation, field)
        if field == "type" and not as_sql:
            found.append(calls.type_of(w, value))
        else:
            found.append(spelled(w, value, 1) if w.chance(30) else repr(value))
    return found


def _tuples(rows: list[list[str]]) -> str:
    return "[" + ", ".join(f"({', '.join(row)},)" for row in rows) + "]"


def _body(w: Writer, operations: Sequence[Operation], names: dict[str, str], as_sql: bool) -> None:
    w.emit(parametrised(w, operations, names, as_sql=as_sql))


def _each(
    w: Writer,
    operations: Sequence[Operation],
    names: dict[str, str],
    targets: str,
    rows: list[list[str]],
    as_sql: bool,
) -> None:
    number = w.fresh("n")
    data = _tuples(rows)
    if w.chance(30):
        held = w.fresh("rows")
        w.emit(f"{held} = {data}")
        data = held
    header = w.pick(
        [
            f"for {targets}, in {data}:",
            f"for {number}, ({targets},) in enumerate({data}):",
            f"for ({targets},) in reversed({data}[::-1]):",
            f"for {targets}, in tuple({data}):",
            f"for {targets}, in iter({data}):",
            f"for {targets}, in (x for x in {data}):",
            f"for {number}, ({targets},) in dict(enumerate({data})).items():",
            f"for ({targets},), {number} in zip({data}, range(99)):",
        ]
    )
    with w.block(header):
        if w.chance(15):
            with w.block("if False:"):
                w.emit(w.pick(["continue", "break", "op.drop_table('not_this')"]))
        _body(w, operations, names, as_sql)
        if w.chance(15):
            w.emit("continue")
            w.emit("op.drop_table('not_this')")
    if w.chance(10):
        with w.block("else:"):
            w.emit("pass")


def _while(
    w: Writer,
    operations: Sequence[Operation],
    names: dict[str, str],
    targets: str,
    rows: list[list[str]],
    as_sql: bool,
) -> None:
    data, number = w.fresh("rows"), w.fresh("n")
    w.emit(f"{data} = {_tuples(rows)}")
    form = w.random.randrange(4)
    if form == 0:
        w.emit(f"{number} = 0")
        with w.block(f"while {number} < len({data}):"):
            w.emit(f"{targets}, = {data}[{number}]")
            w.emit(f"{number} += 1")
            _body(w, operations, names, as_sql)
    elif form == 1:
        with w.block(f"while {data}:"):
            w.emit(f"{targets}, = {data}.pop(0)")
            _body(w, operations, names, as_sql)
    elif form == 2:
        w.emit(f"{number} = 0")
        with w.block("while True:"):
            with w.block(f"if {number} >= {len(rows)}:"):
                w.emit("break")
            w.emit(f"{targets}, = {data}[{number}]")
            _body(w, operations, names, as_sql)
            w.emit(f"{number} = {number} + 1")
    else:
        with w.block(f"for {number} in range({len(rows)}):"):
            w.emit(f"{targets}, = {data}[{number}]")
            _body(w, operations, names, as_sql)


def _columns(
    w: Writer,
    operations: Sequence[Operation],
    names: dict[str, str],
    targets: str,
    rows: list[list[str]],
    as_sql: bool,
) -> None:
    lists = ["[" + ", ".join(column) + "]" for column in zip(*rows, strict=True)]
    with w.block(f"for {targets}, in zip({', '.join(lists)}):"):
        _body(w, operations, names, as_sql)


def _dictionaries(
    w: Writer,
    operations: Sequence[Operation],
    names: dict[str, str],
    targets: str,
    rows: list[list[str]],
    as_sql: bool,
) -> None:
    fields = list(names)
    entries = [
        "{" + ", ".join(f"{field!r}: {value}" for field, value in zip(fields, row, strict=True)) + "}"
        for row in rows
    ]
    held, item = w.fresh("rows"), w.fresh("item")
    w.emit(f"{held} = [{', '.join(entries)}]")
    with w.block(f"for {item} in {held}:"):
        if w.chance(50):
            names = {field: f"{item}[{field!r}]" for field in fields}
        else:
            for field in fields:
                w.emit(f"{names[field]} = {item}.get({field!r})")
        _body(w, operations, names, as_sql)


def _comprehension(
    w: Writer,
    operations: Sequence[Operation],
    names: dict[str, str],
    targets: str,
    rows: list[list[str]],
    as_sql: bool,
) -> None:
    body = parametrised(w, operations, names, as_sql=as_sql)
    data = _tuples(rows)
    parameters = ", ".join(names.values())
    w.emit(
        w.pick(
            [
                f"[{body} for {targets}, in {data}]",
                f"list({body} for {targets}, in {data})",
                f"{{str({body}) for {targets}, in {data} if True}}",
                f"any({body} for {targets}, in {data} if False) or [{body} for {targets}, in {data}]",
                f"list(map(lambda {parameters}: {body}, *zip(*{data})))",
                f"for each in map(lambda row: (lambda {parameters}: {body})(*row), {data}): pass",
            ]
        )
    )


def _function(
    w: Writer,
    operations: Sequence[Operation],
    names: dict[str, str],
    targets: str,
    rows: list[list[str]],
    as_sql: bool,
) -> None:
    name = w.fresh("change")
    fields = list(names)
    place = w.random.randrange(3)
    defaults = w.chance(20)
    parameters = ", ".join(f"{each}=None" if defaults else each for each in names.values())

    def plain() -> None:
        with w.block(f"def {name}({parameters}):"):
            if w.chance(15):
                w.emit(f"assert {names[fields[0]]} is not None")
            if w.chance(15):
                with w.block(f"if not {names[fields[0]]}:"):
                    w.emit("return")
            _body(w, operations, names, as_sql)

    if place == 0:
        plain()
        called = name
    elif place == 1 or w.in_helper:
        with w.at_top():
            plain()
        called = name
    else:
        with w.at_helper():
            plain()
        called = w.from_helper(name)
    for row in rows:
        pairs = list(zip(names.values(), row, strict=True))
        if w.chance(30):
            w.emit(f"{called}({', '.join(f'{n}={v}' for n, v in reversed(pairs))})")
        elif w.chance(20):
            w.emit(f"{called}(*({', '.join(row)},))")
        elif w.chance(20):
            w.emit(f"{called}(**{{{', '.join(f'{n!r}: {v}' for n, v in pairs)}}})")
        else:
            w.emit(f"{called}({', '.join(row)})")


def _recursion(
    w: Writer,
    operations: Sequence[Operation],
    names: dict[str, str],
    targets: str,
    rows: list[list[str]],
    as_sql: bool,
) -> None:
    name = w.fresh("again")
    with w.block(f"def {name}(rows):"):
        with w.block("if not rows:"):
            w.emit("return")
        w.emit(f"({targets},), *rest = rows")
        _body(w, operations, names, as_sql)
        w.emit(f"{name}(rest)")
    w.emit(f"{name}({_tuples(rows)})")


def _generator(
    w: Writer,
    operations: Sequence[Operation],
    names: dict[str, str],
    targets: str,
    rows: list[list[str]],
    as_sql: bool,
) -> None:
    name, row = w.fresh("rows"), w.fresh("row")
    with w.block(f"def {name}():"):
        if w.chance(50):
            for each in rows:
                w.emit(f"yield ({', '.join(each)},)")
        else:
            w.emit(f"yield from {_tuples(rows)}")
    with w.block(f"for {row} in {name}():"):
        w.emit(f"{targets}, = {row}")
        _body(w, operations, names, as_sql)


def _heap(
    w: Writer,
    operations: Sequence[Operation],
    names: dict[str, str],
    targets: str,
    rows: list[list[str]],
    as_sql: bool,
) -> None:
    body = parametrised(w, operations, names, as_sql=as_sql)
    heap(w, Rows(body, targets, [f"({', '.join(row)},)" for row in rows]))


_FORMS = (
    _heap, _heap, _heap, _each, _each, _while, _columns, _dictionaries, _comprehension, _function, _function,
    _recursion, _generator,
)  # fmt: skip
