"""The statements of a migration: conditions, blocks and functions around what the plan says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from migration_lint.operations import Operation
from tests.reading.random_migrations import conditions, functions, loops, plan, unread
from tests.reading.random_migrations.functions import Body
from tests.reading.random_migrations.plan import Group
from tests.reading.random_migrations.statements import batch, batched, expression, on_one_table, raw
from tests.reading.random_migrations.texts import spelled
from tests.reading.random_migrations.writer import Migration, Writer


def migration(random: Random) -> Migration:
    """A script that carries out a random plan."""
    w = Writer(random)
    _write(w, plan.choose(random), 3)
    return w.finished()


def _write(w: Writer, groups: Sequence[Group], depth: int) -> None:
    left = list(groups)
    while left:
        count = 1
        if depth and w.chance(50):
            count = 1 + w.random.randrange(len(left))
            inside = left[:count]
            _wrapped(w, lambda inside=inside: _write(w, inside, depth - 1))  # type: ignore[misc]
        else:
            _group(w, left[0])
        left = left[count:]


def _group(w: Writer, group: Group) -> None:
    together = on_one_table(group)
    if batched(together) and w.chance(20):
        batch(w, together)
    elif w.chance(25) and len(group) > 1:
        w.emit(raw(w, together if group[0].table is not None and w.chance(60) else group))
    elif len(group) > 1 or w.chance(25):
        loops.loop(w, group)
    else:
        for operation in group:
            _single(w, operation)


def _single(w: Writer, operation: Operation) -> None:
    text = expression(w, operation)
    w.emit(
        w.pick(
            [text] * 9
            + [
                f"_ = {text}",
                f"({text}, 1)",
                f"(lambda: {text})()",
                f"[{text}]",
                f"{text} if True else None",
                f"True and {text}",
            ]
        )
    )


def _decoy(w: Writer) -> None:
    """What never runs."""
    w.emit(
        w.pick(
            [
                "op.drop_table('not_this')",
                "op.drop_column('not_this', 'nor_this')",
                "op.execute('DROP TABLE not_this')",
                "pass",
                "raise RuntimeError('no')",
            ]
        )
    )


def _wrapped(w: Writer, body: Body) -> None:
    w.pick(_FORMS)(w, body)


def _if_true(w: Writer, body: Body) -> None:
    form = w.random.randrange(3)
    if form == 0:
        with w.block(f"if {conditions.true(w)}:"):
            body()
        if w.chance(50):
            with w.block("else:"):
                _decoy(w)
    elif form == 1:
        with w.block(f"if {conditions.false(w)}:"):
            _decoy(w)
        with w.block("else:"):
            body()
    else:
        first, second = conditions.false(w), conditions.true(w)
        with w.block(f"if {first}:"):
            _decoy(w)
        with w.block(f"elif {second}:"):
            body()
        with w.block("else:"):
            _decoy(w)


def _if_unknown(w: Writer, body: Body) -> None:
    form = w.random.randrange(5)
    if form == 0:
        with w.block(f"if {conditions.unknown(w)}:"):
            body()
    elif form == 1:
        with w.block(f"if {conditions.unknown(w)}:"):
            w.emit("op.drop_table('either')")
        with w.block("else:"):
            body()
    elif form == 2:
        name = w.fresh("maybe")
        with w.block(f"def {name}():"):
            with w.block(f"if {conditions.unknown(w)}:"):
                w.emit("return")
            body()
        w.emit(f"{name}()")
    elif form == 3:
        w.unknown = True
        with w.block("for _ in op.get_bind().execute(sa.text('SELECT id FROM users')).fetchall():"):
            body()
            w.emit("break")
    else:
        both = f"{conditions.true(w)} and {conditions.unknown(w)}"
        with w.block(f"if {both}:"):
            body()
        with w.block(f"elif {conditions.unknown(w)}:"):
            w.emit("op.drop_table('either')")


def _try(w: Writer, body: Body) -> None:
    form = w.random.randrange(6)
    if form == 0:
        with w.block("try:"):
            body()
        with w.block("finally:"):
            w.emit("pass")
    elif form == 1:
        w.unknown = True  # to the reader: it does not follow which call raises what
        with w.block("try:"):
            w.emit(w.pick(["raise ValueError('x')", "int('x')", "{}['x']", "[][1]", "assert False"]))
        with w.block("except (ValueError, LookupError, AssertionError) as error:"):
            body()
    elif form == 2:
        w.unknown = True
        with w.block("try:"):
            w.emit("pass")
        with w.block("except Exception:"):
            _decoy(w)
        with w.block("else:"):
            body()
    elif form == 3:
        with w.block("try:"):
            w.emit("pass")
        with w.block("finally:"):
            body()
    elif form == 4:
        w.unknown = True
        with w.block("try:"):
            body()
        with w.block("except Exception:"):
            w.emit("op.drop_table('either')")
            w.emit(w.pick(["pass", "raise", "return"]))
    else:
        w.unknown = True
        with w.block("try:"):
            with w.block("try:"):
                w.emit("raise KeyError('x')")
            with w.block("except ValueError:"):
                _decoy(w)
        with w.block("except KeyError:"):
            body()


def _with(w: Writer, body: Body) -> None:
    w.use("import contextlib")
    w.use("from contextlib import ExitStack")
    header = w.pick(
        [
            "with contextlib.nullcontext():",
            "with contextlib.suppress():",
            "with contextlib.nullcontext(op) as o_, contextlib.nullcontext():",
            "with ExitStack() as stack:",
            "with op.get_context().autocommit_block():",
            "with op.get_context().begin_transaction(_per_migration=False):",
        ]
    )
    with w.block(header):
        body()


def _match(w: Writer, body: Body) -> None:
    form = w.random.randrange(6)
    subject = spelled(w, "second", 1)
    decoys: dict[int, tuple[str, str]] = {
        0: (f"match {subject}:", "case 'second':"),
        1: (f"match {subject}:", "case 'third' | 'second':"),
        2: (f"match ({subject}, 1):", "case ('second', n):"),
        3: (f"match {{'kind': {subject}}}:", "case {'kind': 'second'}:"),
        4: (f"match {subject}:", "case str() as found if found == 'second':"),
        5: (f"match ['x', {subject}]:", "case [_, *rest] if rest:"),
    }
    header, case = decoys[form]
    with w.block(header):
        with w.block("case 'first':"):
            _decoy(w)
        with w.block(case):
            body()
        with w.block("case _:"):
            _decoy(w)


def _once(w: Writer, body: Body) -> None:
    form = w.random.randrange(5)
    if form == 0:
        with w.block("for _ in range(1):"):
            body()
    elif form == 1:
        with w.block("while True:"):
            body()
            w.emit("break")
    elif form == 2:
        with w.block("for _ in ():"):
            _decoy(w)
        with w.block("else:"):
            body()
    elif form == 3:
        name = w.fresh("left")
        w.emit(f"{name} = 2")
        with w.block(f"while {name} > 1:"):
            w.emit(f"{name} -= 1")
            body()
    else:
        with w.block("for number in range(3):"):
            with w.block("if number != 1:"):
                w.emit("continue")
            body()


def _early(w: Writer, body: Body) -> None:
    name = w.fresh("guarded")
    with w.block(f"def {name}():"):
        with w.block(f"if {conditions.false(w)}:"):
            w.emit("return")
        body()
        with w.block(f"if {conditions.true(w)}:"):
            w.emit("return")
        _decoy(w)
    w.emit(f"{name}()")


def _cell(w: Writer, body: Body) -> None:
    name, state = w.fresh("once"), w.fresh("done")
    w.emit(f"{state} = False")
    with w.block(f"def {name}():"):
        w.emit(f"nonlocal {state}") if False else None
        with w.block(f"if {state}:"):
            w.emit("return")
        body()
    w.emit(f"{name}()")


_FORMS: tuple[Callable[[Writer, Body], None], ...] = (
    _if_true, _if_true, _if_unknown, _try, _try, _with, _match, _once, _early, _cell,
    functions.function, functions.function, functions.generator, functions.manager, functions.klass,
    unread.library, unread.imported,
)  # fmt: skip
