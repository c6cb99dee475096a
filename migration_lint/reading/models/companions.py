"""Libraries beside Alembic and SQLAlchemy: what they execute, written down as Python that the reader walks.

An *overlay*, `overlays/<package>.py`, stands in the place of a library: its functions and classes have the
library's names and parameters, whatever module of the library they come from, and execute what the library
executes. It is read as a module of the project is, and never imported. `tests/reading/test_companions.py`
holds each against the real package.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from migration_lint.operations import ANY_TABLE, HOLE, Operation
from migration_lint.reading.models import strangers, table
from migration_lint.reading.models.expressions import known_name, name_of
from migration_lint.reading.project.modules import ModuleSource, Names, ProjectFiles
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.recorder import Condition
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Batch,
    Dotted,
    Element,
    Instance,
    List,
    Module,
    Unknown,
    Value,
    whole,
)

#: The directives that libraries add to `op`: the overlay's function of that name carries them out.
_DIRECTIVES = {
    "alembic_postgresql_enum": "sync_enum_values add_enum_value",
    "alembic_autogenerate_enums": "sync_enum_values",
    "alembic_utils": "create_entity drop_entity replace_entity",
    "geoalchemy2": "add_geospatial_column drop_geospatial_column create_geospatial_table "
    "drop_geospatial_table create_geospatial_index drop_geospatial_index "
    "create_geospatial_constraints drop_geospatial_constraints",
    "clickhouse_sqlalchemy": "create_mat_view create_mat_view_to_table attach_mat_view drop_mat_view "
    "drop_mat_view_to_table detach_mat_view",
}
#: And those that they add to a batch, which `batch_…` carries out.
_BATCH_DIRECTIVES = {
    "geoalchemy2": "add_geospatial_column drop_geospatial_column create_geospatial_index "
    "drop_geospatial_index"
}

#: The libraries that have an overlay.
LIBRARIES = frozenset(
    (*_DIRECTIVES, "alembic_enums", "postgresql_audit", "sqlalchemy_continuum", "sqlalchemy_searchable")
) | {"sqlalchemy_utils", "timescaledb"}


def _by_name(directives: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for library, names in directives.items():
        for name in names.split():
            found[name] = (*found.get(name, ()), library)
    return found


#: Which libraries have a directive, by its name.
DIRECTIVES = _by_name(_DIRECTIVES)
BATCH_DIRECTIVES = _by_name(_BATCH_DIRECTIVES)


@cache
def _source(library: str) -> ModuleSource:
    text = Path(__file__).with_name("overlays").joinpath(f"{library}.py").read_text(encoding="utf-8")
    return ModuleSource(text, ast.parse(text).body)


class Overlays:
    """The overlays that one direction of a script comes to."""

    def __init__(self, files: ProjectFiles) -> None:
        self._files = files
        self._modules: dict[str, Module] = {}
        self._imported: set[str] = set()

    def imported(self, path: str) -> None:
        """A module is imported, by its dotted name."""
        self._imported.add(path.partition(".")[0])

    def find(self, path: str) -> Value:
        """What a name of a library means; None where its overlay has none of that name."""
        library, _, inside = path.partition(".")
        if library not in LIBRARIES or not inside:
            return None
        name = inside.rpartition(".")[2]
        names = self._names(library)
        return names.get(name) if not name.startswith("_") and name in _source(library).pending else None

    def _names(self, library: str) -> Names:
        module = self._modules.get(library)
        if module is None:
            module = self._modules[library] = Module(library, f"{library}.py")
            module.frame.locals = Names(module, _source(library), self._files)
        names = module.frame.locals
        assert isinstance(names, Names)
        return names

    def issue(self, run: Interpreter, name: str, a: Arguments, batch: Batch | None) -> bool:
        """Carry out a directive of a library. Whether there is one of that name."""
        libraries = (DIRECTIVES if batch is None else BATCH_DIRECTIVES).get(name)
        if libraries is None:
            return False
        libraries = self._meant(run, libraries, a)
        function = name if batch is None else f"batch_{name}"
        operations: Value = Dotted("alembic.op") if batch is None else batch
        line = getattr(run.recorder.place, "lineno", 0)
        for library in libraries:
            if len(libraries) > 1:
                reason = f"whose `{name}` it is could not be worked out"
                run.recorder.conditions.append(Condition(f"{line}:{library}", reason))
            run.call(self._names(library).get(function), a._replace(args=[operations, *a.args]))
            if len(libraries) > 1:
                run.recorder.conditions.pop()
        return True

    def _meant(self, run: Interpreter, libraries: tuple[str, ...], a: Arguments) -> tuple[str, ...]:
        """The library whose directive it is, of several that have one of its name."""
        if len(libraries) == 1:
            return libraries
        for named in (self._imported, self._named_by_environment(run.script.path, libraries)):
            found = tuple(each for each in libraries if each in named)
            if len(found) == 1:
                return found
        shape = _shape(run, a)
        return libraries if shape is None else (shape,)

    def _named_by_environment(self, script: str, libraries: Iterable[str]) -> set[str]:
        """The libraries that env.py imports, or any module of the project."""
        text = next(filter(None, map(self._files.text, _environments(script))), "")
        found = {
            each for each in libraries if re.search(rf"^\s*(?:import|from)\s+{each}\b", text, re.MULTILINE)
        }
        return found or {each for each in libraries if self._files.mentioning(each)}


def _environments(script: str) -> Iterator[str]:
    folder = posixpath.dirname(script)
    while True:
        yield posixpath.join(folder, "env.py")
        if folder == posixpath.dirname(folder):  # the top, of the tree or of the disk
            return
        folder = posixpath.dirname(folder)


def _shape(run: Interpreter, a: Arguments) -> str | None:
    """Which library's `sync_enum_values` a call means, by its arguments: columns, or earlier values."""
    if {"old_values", "should_reverse"} & set(a.kwargs) or len(a.args) > 5:
        return "alembic_autogenerate_enums"
    if {"affected_columns", "enum_name", "enum_schema", "enum_values_to_rename"} & set(a.kwargs):
        return "alembic_postgresql_enum"
    fourth = a.args[3] if len(a.args) > 3 else a.kwargs.get("new_values")
    items = run.items(fourth) if isinstance(fourth, (List, tuple)) else None
    every = items.every() if items is not None else []
    if every and all(isinstance(each, str) for each in every):
        return "alembic_autogenerate_enums" if len(a.args) > 3 else None
    if every and not any(isinstance(each, (str, Unknown)) for each in every):
        return "alembic_postgresql_enum"
    return None


# What overlays do that no Python of theirs says: names of the module `overlay`, which is nowhere else


def _groups(run: Interpreter, a: Arguments) -> Value:
    """The groups of a pattern that has to match all of a text, in any case; unknown where it does not."""
    pattern, text = a.args
    compiled = re.compile(str(pattern), re.IGNORECASE | re.DOTALL)
    found = compiled.match(text) if isinstance(text, str) else None
    if found is None:
        unknown = Unknown("what a library takes from a text could not be worked out")
        return (unknown,) * compiled.groups
    return found.groups()


def _view(run: Interpreter, a: Arguments) -> Value:
    """A view that is made, of which is not known what it gives out: an element to be executed."""
    name = name_of(a.args[0]) or HOLE
    schema, _, table = name.rpartition(".")
    made = Operation(kind="create_view", table=table, schema=schema or None)
    if not whole(a.args[0]):
        made = Operation(kind="other_ddl", action="create view")
    return Element((made,))


def _altered(run: Interpreter, a: Arguments) -> Value:
    """Something of a table that is left as it was, or is nobody's concern: an element to be executed."""
    table, action, reason = map(str, a.args)
    return Element((Operation(kind="other_ddl", action=action, reason=reason, tables=(table,)),))


def _known(run: Interpreter, a: Arguments) -> Value:
    """Whether values, and what they hold, were worked out."""
    return all(_is_known(run, each, 8) for each in a.args)


def _is_known(run: Interpreter, value: Value, depth: int) -> bool:
    if isinstance(value, (List, tuple)):
        items = run.items(value)
        return depth > 0 and items.exact and all(_is_known(run, each, depth - 1) for each in items.slots)
    if isinstance(value, Instance):
        return depth > 0 and all(_is_known(run, each, depth - 1) for each in value.names.values())
    return value is None or whole(value)


def _enum_made_anew(run: Interpreter, a: Arguments) -> Value:
    """An enum is made anew, and its columns are moved to it: an element of which something is not known."""
    schema, name = map(known_name, a.args[:2])
    values = run.items(a.args[2])
    reason = "an enumeration is made anew, and to what, or with which columns, is not known"
    made = [Operation(kind="opaque", schema=schema, name=name, reason=reason, tables=(ANY_TABLE,))]
    if values.exact and all(map(whole, values.slots)):
        action, texts = "set_values", tuple(values.slots)
        made.append(Operation(kind="alter_enum", schema=schema, name=name, action=action, values=texts))
    return Element(tuple(made))


table.names({
    "overlay.altered": _altered,
    "overlay.enum_made_anew": _enum_made_anew,
    "overlay.groups": _groups,
    "overlay.known": _known,
    "overlay.view": _view,
})  # fmt: skip
for _library in LIBRARIES - table.LIBRARIES.keys():
    # What its overlay lacks is as harmless as its other code, unless it is handed the connection.
    table.LIBRARIES[_library] = strangers.call_stranger
