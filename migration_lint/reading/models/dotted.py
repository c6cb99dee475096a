"""Names of libraries: what their attributes and entries are."""

from __future__ import annotations

from migration_lint.reading.models import table
from migration_lint.reading.models.context import context
from migration_lint.reading.models.sqlalchemy import PACKAGES, star_names
from migration_lint.reading.project.modules import Names
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.values import Dotted, MetaDataModel, Module, Unknown, Value

#: Libraries whose names mean what is modelled: what is put in their place is said.
_SAID = ("alembic", "sqlalchemy")

#: The address of a database, of which nothing is known; what of it leads on to connections.
URL = "<made>.url"
_LEADING = ("get_dialect", "dialect")


@table.attribute(Dotted)
def _attribute(run: Interpreter, of: Dotted, name: str) -> Value:
    path = of.path
    if path == URL and name not in _LEADING:
        return Unknown("the address of the database is not known before it runs")
    if name == "*":
        if path == "alembic.op":
            from migration_lint.reading.models.alembic_api import OPERATIONS

            return {each: Dotted(f"alembic.op.{each}") for each in OPERATIONS}
        found = run.library.find(run, path)
        if isinstance(found, Module):
            # Each is made when it is asked for: modules that take over each other's names need not
            # be made all at once, in an order that none of them can stand.
            names = found.frame.locals
            every = names.every() if isinstance(names, Names) else names
            return {each: Dotted(f"{path}.{each}") for each in every}
        top = path.partition(".")[0]
        if top in PACKAGES:
            return {each: Dotted(f"{path}.{each}") for each in star_names()}
        return {}
    if name in ("__iter__", "[]"):
        reach = path.startswith("alembic") or path == "sys.modules"
        return Unknown(f"what `{path}` holds is not known", reach=reach)
    if name == "metadata" and path.partition(".")[0] in PACKAGES:
        return MetaDataModel(reflected=True)
    if name == "__dict__" and path.startswith(_SAID):
        run.recorder.unread(f"what `{path}` holds may be replaced through its `__dict__`")
    inside = f"{path}.{name}"
    return context(run).modules.foreign.get(inside) or Dotted(inside)


@table.altered(Dotted)
def _alter(of: Dotted, name: str, value: Value, perhaps: bool) -> bool:
    return not of.path.startswith(_SAID)
