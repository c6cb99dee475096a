"""Which database a project says that its migrations are for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from migration_lint.operations import DIALECTS, Dialect

#: In an Alembic configuration; the driver's name comes after a `+`.
_SAID = re.compile(r"^\s*sqlalchemy\.url\s*=\s*[\"']?(\w+)(?:\+\w+)?:", re.MULTILINE)
#: In an `env.py`: the URL that it falls back to.
_WRITTEN = re.compile(r"""["'](\w+)(?:\+\w+)?://""")
#: A package for enumerations that only PostgreSQL has.
_PLUGIN = re.compile(r"^\s*(?:import|from)\s+alembic_postgresql_enum\b", re.MULTILINE)


def said_dialect(project: Path, folder: Path) -> Dialect | None:
    """The dialect that the Alembic environment around a folder of scripts names; None where it names none.

    Asked are the folders from the scripts' up to the project's, the nearest first: its `*.ini` files, then
    its `env.py`. Two that disagree say nothing.
    """
    for place in (folder, *folder.parents):
        if not place.is_relative_to(project):
            break
        for texts in (sorted(place.glob("*.ini")), [place / "env.py"]):
            found = {name for path in texts for name in _names(path)}
            known = [each for each in DIALECTS if each in found]
            if len(known) == 1:
                return known[0]
    return None


def _names(path: Path) -> Iterator[str]:
    if not path.is_file():
        return
    text = path.read_text("utf-8", "replace")
    if path.suffix == ".ini":
        yield from _SAID.findall(text)
        return
    if _PLUGIN.search(text):
        yield "postgresql"
    yield from ("postgresql" if name == "postgres" else name for name in _WRITTEN.findall(text))
