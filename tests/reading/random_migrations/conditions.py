"""Conditions: those that can be known from the script, and those that only a run knows."""

from __future__ import annotations

from tests.reading.random_migrations.texts import spelled
from tests.reading.random_migrations.writer import Writer

_TRUE = (
    "True", "not False", "1 < 2 <= 2", "'a' in ('a', 'b')", "len([1, 2]) == 2", "any([0, 1])", "all(())",
    "isinstance('a', str)", "op.get_context().dialect.name == 'postgresql'",
    "op.get_bind().dialect.name == 'postgresql'", "op.get_context().dialect.name in ('postgresql', 'mysql')",
    "op.get_context().dialect.name != 'sqlite'", "revision == 'a1'", "down_revision is None",
    "hasattr(op, 'drop_table')", "callable(op.drop_column)", "'abc'.startswith('ab')", "(1 and 'x') or 0",
    "bool([None])", "not None", "{'a': 1}.get('a')", "op.get_bind().engine.name.startswith('postgres')",
    "op.get_context().dialect.name.lower() == 'postgresql' and 1", "'x' not in []", "max(1, 2) == 2",
)  # fmt: skip
_FALSE = ("False", "None", "0", "[]", "1 > 2", "'a' == 'b'", "not not ''")
_UNKNOWN = (
    "sa.inspect(op.get_bind()).has_table('users')",
    "'users' in sa.inspect(op.get_bind()).get_table_names()",
    "os.environ.get('NOT_SET_ANYWHERE')",
    "os.getenv('NOT_SET_ANYWHERE', 'yes') == 'yes'",
    "op.get_bind().execute(sa.text('SELECT 1')).scalar()",
    "op.get_bind().execute(sa.text('SELECT id FROM users')).fetchall()",
    "op.get_bind().execute(sa.text('SELECT id FROM users')).first() is None",
    "[c for c in sa.inspect(op.get_bind()).get_columns('users') if c['name'] == 'name']",
    "'name' in {c['name'] for c in sa.inspect(op.get_bind()).get_columns('users')}",
    "op.get_bind().dialect.has_table(op.get_bind(), 'users')",
    "any(i['name'] == 'a' for i in sa.inspect(op.get_bind()).get_indexes('users'))",
)


def true(w: Writer) -> str:
    """An expression that holds, and can be known to."""
    form = w.random.randrange(8)
    if form == 7:
        return f"not ({w.pick(_FALSE)})"
    if form == 1:
        return f"{spelled(w, 'yes', 1)} == 'yes'"
    if form == 2:
        name = w.fresh("holds")
        w.emit(f"{name} = {w.pick(_known(w))}")
        return name
    return w.pick(_known(w))


def _known(w: Writer) -> list[str]:
    return [each for each in _TRUE if not (w.in_helper and "revision" in each)]


def false(w: Writer) -> str:
    """An expression that does not hold, and can be known not to."""
    return f"not ({true(w)})" if w.chance(60) else w.pick(_FALSE)


def unknown(w: Writer) -> str:
    """An expression that only a run can tell."""
    w.unknown = True
    found = w.pick(_UNKNOWN)
    if found.startswith("os."):
        w.use("import os")
    return found if w.chance(70) else f"not ({found})"
