"""State that several names reach, and that loops of an unknown number of rounds change."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.reading.random_migrations.writer import Writer


class Rows(NamedTuple):
    """What is carried out for each row: its text, the names it reads, and the rows, each a tuple's text."""

    body: str
    targets: str
    rows: list[str]

    @property
    def all(self) -> str:
        return "[" + ", ".join(self.rows) + "]"


def heap(w: Writer, given: Rows) -> None:
    """Writes it, in one of the forms."""
    w.pick(_FORMS)(w, given)


def _rounds(w: Writer) -> str:
    """The header of a loop whose number of rounds only a database knows."""
    w.unknown = True
    return w.pick(
        [
            "for _ in sa.inspect(op.get_bind()).get_table_names():",
            "for _ in sa.inspect(op.get_bind()).get_columns('users'):",
            "for _ in op.get_bind().execute(sa.text('SELECT id FROM users')):",
            "for _ in range(len(sa.inspect(op.get_bind()).get_table_names())):",
        ]
    )


def _lagging(w: Writer, given: Rows) -> None:
    """A name has what an earlier round gave it."""
    held, later = w.fresh("held"), w.fresh("later")
    rows = w.fresh("rows")
    w.emit(f"{held} = {later} = None")
    w.emit(f"{rows} = iter({given.all})")
    with w.block(_rounds(w)):
        with w.block(f"if {held}:"):
            w.emit(f"{given.targets}, = {held}")
            w.emit(given.body)
        if w.chance(50):
            w.emit(f"{held}, {later} = {later}, next({rows}, None)")
        else:
            w.emit(f"{held} = next({rows}, None)")


def _lagging_state(w: Writer, given: Rows) -> None:
    """So has what a name refers to: a key, an attribute, an item, what a closure or the module holds."""
    state, rows = w.fresh("state"), w.fresh("rows")
    form = w.random.randrange(5)
    place = f"{state}['todo']"
    if form == 0:
        w.emit(f"{state} = {{'todo': None}}")
    elif form == 1:
        with w.block(f"class {state}:"):
            w.emit("todo = None")
        place = f"{state}.todo"
    elif form == 2:
        w.emit(f"{state} = [None]")
        place = f"{state}[-1]"
    elif form == 3:
        w.use("import types")
        w.emit(f"{state} = types.SimpleNamespace(todo=None)")
        place = f"{state}.todo"
    else:
        with w.at_top():
            w.emit(f"{state} = {{'todo': None}}")
    alias = state
    if w.chance(40):
        alias = w.fresh("alias")
        w.emit(f"{alias} = {state}")
    w.emit(f"{rows} = list({given.all})")
    with w.block(_rounds(w)):
        with w.block(f"if {place}:"):
            w.emit(f"{given.targets}, = {place}")
            w.emit(given.body)
        w.emit(f"{place.replace(state, alias, 1)} = {rows}.pop() if {rows} else None")


def _filled(w: Writer, given: Rows) -> None:
    """A list that a loop of unknown rounds fills is carried out after it."""
    held, rows = w.fresh("held"), w.fresh("rows")
    w.emit(f"{held} = []")
    w.emit(f"{rows} = {given.all}")
    with w.block(_rounds(w)):
        w.emit(w.pick([f"{held}.append({rows}[0])", f"{held} += {rows}[:1]", f"{held}[:0] = {rows}[-1:]"]))
    with w.block(f"for {given.targets}, in {held}:"):
        w.emit(given.body)


def _emptied(w: Writer, given: Rows) -> None:
    """Each round takes some."""
    rows = w.fresh("rows")
    w.emit(f"{rows} = {given.all}")
    with w.block(_rounds(w)):
        with w.block(f"if not {rows}:"):
            w.emit("break")
        w.emit(f"{given.targets}, = {rows}.pop({w.pick(['', '0', '-1'])})")
        w.emit(given.body)


def _aliased(w: Writer, given: Rows) -> None:
    """A list is filled by one name, and read by another."""
    held, alias = w.fresh("held"), w.fresh("alias")
    shape = w.random.randrange(6)
    reads = alias
    if shape == 0:
        w.emit(f"{held} = {alias} = []")
    elif shape == 1:
        w.emit(f"{held} = []")
        w.emit(f"{alias} = {{'rows': {held}}}")
        reads = f"{alias}['rows']"
    elif shape == 2:
        w.emit(f"{held} = []")
        w.emit(f"{alias} = ([1], {held})")
        reads = f"{alias}[1]"
    elif shape == 3:
        with w.block(f"class {alias}:"):
            w.emit("rows = []")
        w.emit(f"{held} = {alias}.rows")
        reads = f"{alias}.rows"
    elif shape == 4:
        w.emit(f"{alias} = {{}}")
        w.emit(f"{held} = {alias}.setdefault('rows', [])")
        reads = f"{alias}['rows']"
    else:
        with w.block(f"def {alias}(rows=[]):"):
            w.emit("return rows")
        w.emit(f"{held} = {alias}()")
        reads = f"{alias}()"
    _fill(w, held, given)
    with w.block(f"for {given.targets}, in {reads}:"):
        w.emit(given.body)


def _fill(w: Writer, held: str, given: Rows) -> None:
    """Puts the rows into a list, in place."""
    form = w.random.randrange(6)
    if form == 0:
        for row in given.rows:
            w.emit(f"{held}.append({row})")
    elif form == 1:
        w.emit(f"{held}.extend({given.all})")
    elif form == 2:
        w.emit(f"{held}[:] = {given.all}")
    elif form == 3:
        w.emit(f"{held} += {given.all}")
    elif form == 4:
        fill = w.fresh("fill")
        with w.block(f"def {fill}(into, *rows):"), w.block("for row in rows:"):
            w.emit("into.append(row)")
        w.emit(f"{fill}({held}, *{given.all})")
    else:
        w.emit(f"{held}.append(None)")
        w.emit(f"{held}[0:1] = {given.all}")


def _shared(w: Writer, given: Rows) -> None:
    """A list that all objects of a class share."""
    kind, first, second = w.fresh("Kind"), w.fresh("first"), w.fresh("second")
    with w.block(f"class {kind}:"):
        w.emit("rows = []")
        with w.block("def add(self, row):"):
            w.emit("self.rows.append(row)")
            w.emit("return self")
    w.emit(f"{first}, {second} = {kind}(), {kind}()")
    for row in given.rows:
        w.emit(f"{first}.add({row})")
    with w.block(f"for {given.targets}, in {second}.rows:"):
        w.emit(given.body)


def _in_the_helper(w: Writer, given: Rows) -> None:
    """A list of the helper module, which the script fills and reads."""
    if w.in_helper:
        _aliased(w, given)
        return
    held = w.fresh("HELD")
    with w.at_helper():
        w.emit(f"{held} = []")
    w.emit(f"{w.from_helper(held)}.extend({given.all})")
    with w.block(f"for {given.targets}, in {w.from_helper(held)}:"):
        w.emit(given.body)


def _growing(w: Writer, given: Rows) -> None:
    """A loop adds to the list that it goes through, or changes what comes next in it."""
    queue, rest = w.fresh("queue"), w.fresh("rest")
    first, *others = given.rows
    w.emit(f"{queue}, {rest} = [{first}], [{', '.join(others)}]")
    changing = [f"{queue}.append({rest}.pop(0))", f"{queue}.extend([{rest}.pop(0)])"]
    changing += [f"{queue}[len({queue}):] = [{rest}.pop(0)]", f"{queue}.insert(len({queue}), {rest}.pop(0))"]
    with w.block(f"for {given.targets}, in {queue}:"):
        before = w.chance(50)
        if before:
            w.emit(given.body)
        with w.block(f"if {rest}:"):
            w.emit(w.pick(changing))
        if not before:
            w.emit(given.body)


def _asked_late(w: Writer, given: Rows) -> None:
    """What is worked out an entry at a time is made before what it draws on is there."""
    held, late = w.fresh("held"), w.fresh("late")
    if w.chance(30):
        w.emit(f"{held} = dict.fromkeys(range({len(given.rows)}))")
        w.emit(f"{late} = {held}.values()")
        for number, row in enumerate(given.rows):
            w.emit(f"{held}[{number}] = {row}")
    else:
        w.emit(f"{held} = [None] * {len(given.rows)}")
        made = [f"iter({held})", f"(row for row in {held})", f"map(tuple, {held})", f"filter(None, {held})"]
        function = w.fresh("rows")
        with w.block(f"def {function}():"), w.block(f"for number in range(len({held})):"):
            w.emit(f"yield {held}[number]")
        w.emit(f"{late} = {w.pick([*made, f'{function}()'])}")
        for number, row in enumerate(given.rows):
            w.emit(f"{held}[{number}] = {row}")
    with w.block(f"for {given.targets}, in {late}:"):
        w.emit(given.body)


def _between_rounds(w: Writer, given: Rows) -> None:
    """A generator reads what the loop over it changes."""
    w.unknown = True  # what a generator reads between rounds is told as what it may be
    state, function = w.fresh("state"), w.fresh("each")
    rows = given.all
    w.emit(f"{state} = {{'at': 0}}")
    with w.block(f"def {function}():"), w.block(f"for _ in range({len(given.rows)}):"):
        w.emit(f"yield {rows}[{state}['at']]")
    with w.block(f"for {given.targets}, in {function}():"):
        w.emit(given.body)
        w.emit(f"{state}['at'] += 1")


def _left_early(w: Writer, given: Rows) -> None:
    """A function returns from inside a context manager of a generator, or past a `finally`."""
    w.use("import contextlib")
    w.unknown = True
    manager = w.fresh("manager")
    w.emit("@contextlib.contextmanager")
    with w.block(f"def {manager}():"):
        if w.chance(50):
            w.emit("yield 1")
        else:
            with w.block("try:"):
                w.emit("yield 1")
            with w.block("finally:"):
                w.emit("pass")
    for row in given.rows:
        name = w.fresh("found")
        tried = w.chance(50)
        with w.block(f"def {name}():"):
            outer = w.block("try:" if tried else f"with {manager}():")
            with outer, w.block("if op.get_bind().execute(sa.text('SELECT id FROM users')).first():"):
                w.emit(f"return [{row}]")
            if tried:
                with w.block("finally:"):
                    w.emit("pass")
            w.emit("return []")
        with w.block(f"for {given.targets}, in {name}():"):
            w.emit(given.body)


_FORMS: tuple[Callable[[Writer, Rows], None], ...] = (
    _growing, _asked_late, _between_rounds, _left_early,
    _lagging, _lagging_state, _lagging_state, _filled, _emptied, _aliased, _aliased, _shared, _in_the_helper,
)  # fmt: skip
