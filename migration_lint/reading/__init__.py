"""Python and SQL text → operations. Nothing of a script is imported or executed.

`read_script_text` reads a text, `read_paths` files and folders anywhere, `reader.Reader` the scripts of
a history with a cache.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect, Operation

if TYPE_CHECKING:
    from migration_lint.reading.script import Directions


class Reading(NamedTuple):
    """What was read in one script. `path` is relative to where the run started."""

    path: str
    revision: str
    down_revision: tuple[str, ...]
    message: str
    upgrade: tuple[Operation, ...]
    downgrade: tuple[Operation, ...]


def read_script_text(source: str, dialect: Dialect = "postgresql", path: str = "") -> Directions:
    """What the text of one script does. Raises SyntaxError where it is no Python."""
    from migration_lint.reading.script import read_module

    return read_module(ast.parse(source), path, dialect)


def read_paths(
    paths: Sequence[Path],
    dialect: Dialect = "postgresql",
    outside: Mapping[str, str] | None = None,
    helpers: Sequence[str] = (),
) -> Iterator[Reading]:
    """What the scripts among files, and in folders, do; each with whatever modules it calls into.

    `outside` states variables of the environment that scripts read, `helpers` names folders and wheels with
    packages that they call into.

    Files that are no revisions are passed over in a folder, and are read where they are named. Raises
    CannotJudge for a path that is not there, and for a file that cannot be parsed.
    """
    from migration_lint.reading.places import scripts_at

    return scripts_at(paths, dialect, outside, helpers)
