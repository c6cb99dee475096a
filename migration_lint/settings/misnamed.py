"""Configurations under a name that is nearly ours: they would hold for nothing, and nobody would know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration_lint.change.tree import Tree
from migration_lint.errors import CannotJudge, Problem
from migration_lint.settings.load import OWN_FILE, PYPROJECT, SECTION, inside

_ENDINGS = ("toml", "yaml", "yml", "json", "ini", "cfg")
_LINT = ("lint", "linter", "linting")
_HEADER = re.compile(rb"^[ \t]*\[+[ \t]*([^\]\r\n]*?)[ \t]*\]", re.MULTILINE)


def refuse_misnamed(tree: Tree, project: str) -> None:
    """Raises CannotJudge with what is meant for us, and not read, in the files of the folder `project`."""
    problems = [*_files(tree, project)]
    for name in (PYPROJECT, "setup.cfg", "tox.ini"):
        path = inside(project, name)
        if path in tree.files():
            problems += _tables(path, tree.read(path), name == PYPROJECT)
    if problems:
        raise CannotJudge.of(problems)


def _files(tree: Tree, project: str) -> Iterator[Problem]:
    prefix = inside(project, "")
    for path in tree.files():
        name = path[len(prefix) :]
        if not path.startswith(prefix) or "/" in name or name == OWN_FILE:
            continue
        stem, _, ending = name.removeprefix(".").rpartition(".")
        if ending.lower() not in _ENDINGS or not _is_near(stem):
            continue
        message = "this looks like a configuration of migration-lint, and is not read under this name"
        fix = (
            f"name it {OWN_FILE}"
            if ending.lower() == "toml"
            else f"write what it says into {OWN_FILE}, as TOML"
        )
        yield Problem(message, path, fix=fix)


def _tables(path: str, data: bytes, is_read: bool) -> Iterator[Problem]:
    for header in _HEADER.finditer(data):
        if b"mi" not in header[1].lower():
            continue
        written = header[1].decode("utf-8", "replace")
        parts = [part.strip(" \t\"'") for part in re.split(r"[.:]", written)]
        tool = len(parts) > 1 and parts[0].lower() in ("tool", "tools")
        if not _is_near(parts[1] if tool else parts[0]):
            continue
        wanted = ".".join((SECTION, *parts[2 if tool else 1 :]))
        if is_read and ".".join(parts) == wanted:
            continue
        line = data.count(b"\n", 0, header.start(1)) + 1
        message = f"[{written}] looks like a configuration of migration-lint, and is not read under this name"
        where = "" if is_read else f" into {PYPROJECT}"
        yield Problem(message, path, line, fix=f"write [{wanted}]{where}")


def _is_near(name: str) -> bool:
    """Whether a name is ours, but for its case, for what joins the words, and for a slip in the first."""
    plain = re.sub(r"[-_ .]", "", name.lower())
    first = next((plain.removesuffix(end) for end in _LINT if plain.endswith(end)), "")
    if not first.startswith("mi") or abs(len(first) - len("migration")) > 1:
        return False
    from difflib import SequenceMatcher

    blocks = SequenceMatcher(None, first, "migration", autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= len("migration") - 1
