"""The file of sizes that a configuration names. Most projects have none: what reads one is imported then."""

from __future__ import annotations

from migration_lint.change.tree import Tree
from migration_lint.errors import CannotJudge, Problem
from migration_lint.settings import Settings
from migration_lint.settings.files import Files, inside
from migration_lint.settings.model import SIZES_FILE
from migration_lint.sizes.model import UNKNOWN, Sizes, TableSize


def read_sizes(tree: Tree, project: str, settings: Settings) -> Sizes:
    """The sizes that the configuration names, for one database; none where there are none.

    Raises CannotJudge where a file that it names is missing, and with everything that is wrong in one.
    """
    path = inside(project, settings.sizes)
    data = Files.of(tree).read(path)
    if data is None:
        if settings.sizes == SIZES_FILE:
            return UNKNOWN
        raise CannotJudge(
            Problem(
                f"the file of sizes {settings.sizes} is not there",
                settings.path,
                settings.lines.get("sizes", 0),
                fix=f"write it: `migration-lint sizes --database-url URL > {settings.sizes}`",
            )
        )
    from migration_lint.sizes.document import parse_sizes

    fold, default = settings.identifiers.fold_table, settings.default_schema
    tables: dict[tuple[str, str], TableSize] = {}
    problems: list[Problem] = []
    for each in parse_sizes(path, data).tables:
        schema, _, name = each.name.rpartition(".")
        key = (fold(schema or default), fold(name))
        if key in tables:
            fix = "keep one: a table without a schema is one of the default schema"
            problems.append(Problem(f"{each.name} is measured twice", path, each.line, fix=fix))
        tables[key] = each.size
    if problems:
        raise CannotJudge.of(problems)
    return Sizes(tables)
