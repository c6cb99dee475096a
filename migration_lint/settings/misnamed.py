"""Configurations under a name that is nearly ours: they would hold for nothing, and nobody would know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from migration_lint.data_class import fields_of
from migration_lint.errors import CannotJudge, Problem
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.settings.files import OWN_FILE, PYPROJECT, SECTION, Files, inside, named_inside
from migration_lint.settings.model import Settings

#: Files of several tools, where a section of ours would not be read.
INI_FILES = ("setup.cfg", "tox.ini")

_ENDINGS = ("toml", "yaml", "yml", "json", "ini", "cfg", "conf")
_JOINTS = lazy_pattern(r"[-_ .]")
_LINT = lazy_pattern(r"lint(?:er|ers|ing|s|rc)$")
#: What else a name of other tools may end in that is a slip away from lint.
_OTHER_WORDS = ("list", "line", "link", "hint", "mint", "tint", "print", "int", "lit")

_INI_HEADER = lazy_pattern(rb"^\[[ \t]*([^\]\r\n]*?)[ \t]*\]", re.MULTILINE)
_WORD = lazy_pattern(rb"[A-Za-z0-9_.-]{9,}")
_KEYS = {each.replace("_", "-") for each in fields_of(Settings)} - {"floor", "path", "lines"}


def refuse_misnamed(paths: Iterable[str], files: Files, project: str, config: str | None = None) -> None:
    """Raises CannotJudge with what is meant for us, and not read, in the folder `project` of a tree.

    `paths` are those of the tree, `files` reads what is in them; `config` is read, whatever its name is.
    """
    named = None if config is None else named_inside(project, config)
    problems = [
        *_named((path for path in paths if path != named), files, project),
        *_tables(files, inside(project, PYPROJECT)),
    ]
    for path in (inside(project, name) for name in INI_FILES):
        problems += _sections(path, files.read(path) or b"")
    if problems:
        raise CannotJudge.of(problems)


def _named(paths: Iterable[str], files: Files, project: str) -> Iterator[Problem]:
    prefix = inside(project, "")
    for path in paths:
        name = path[len(prefix) :]
        if not path.startswith(prefix) or "/" in name or name == OWN_FILE:
            continue
        stem, dot, ending = name.removeprefix(".").rpartition(".")
        if not dot and name.startswith("."):
            stem, ending = ending, ""
        if (ending and ending.lower() not in _ENDINGS) or not _is_near(stem):
            continue
        message = "this looks like a configuration of migration-lint, and is not read under this name"
        if ending.lower() == "toml":
            yield Problem(message, path, fix=f"name it {OWN_FILE}")
        elif _configures(files.read(path) or b"", ending.lower()):
            yield Problem(message, path, fix=f"write what it says into {OWN_FILE}, as TOML")


def _configures(data: bytes, ending: str) -> bool:
    """Whether a file sets a key of ours: reports and jobs of CI are named as people like."""
    if ending == "json":
        import json

        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            return False
        return isinstance(value, dict) and not _KEYS.isdisjoint(value) and "findings" not in value
    indent = "" if ending in ("yaml", "yml") else r"[ \t]*"
    keys = "|".join(map(re.escape, sorted(_KEYS)))
    return re.search(rf"""^{indent}["']?(?:{keys})["']?[ \t]*[=:]""".encode(), data, re.MULTILINE) is not None


def _tables(files: Files, path: str) -> Iterator[Problem]:
    """Tables and keys of pyproject.toml. To parse it costs more than to look whether a word is near."""
    words = {word for each in _WORD.findall(files.read(path) or b"") for word in _parts(each.decode())}
    document = files.document(path) if any(map(_is_near, words)) else None
    for name, value in document.root.items() if document else ():
        near: list[tuple[str, ...]] = [(name,)] if _is_near(name) else []
        if isinstance(value, dict) and _slips(name.lower(), "tool") <= 1:
            for key, within in value.items():
                below = [(name, key, part) for part in within] if isinstance(within, dict) else []
                near += [(name, key)] if _is_near(key) else [each for each in below if _is_split(*each[1:])]
        for written in map(".".join, near):
            if document and written != SECTION:
                yield _not_read(written, path, document.line(written), "")


def _parts(word: str) -> Iterator[str]:
    parts = word.split(".")
    yield from parts
    yield from (
        first + second for first, second in zip(parts, parts[1:], strict=False) if _is_split(first, second)
    )


def _is_split(first: str, second: str) -> bool:
    """`[tool.migration.lint]`"""
    return first.lower() in ("migration", "migrations") and second.lower() == "lint"


def _sections(path: str, data: bytes) -> Iterator[Problem]:
    for header in _INI_HEADER.finditer(data):
        written = header[1].decode("utf-8", "replace")
        parts = [part.strip(" \t\"'") for part in re.split(r"[.:]", written)]
        tool = len(parts) > 1 and _slips(parts[0].lower(), "tool") <= 1
        if _is_near(parts[1] if tool else parts[0]):
            line = data.count(b"\n", 0, header.start(1)) + 1
            yield _not_read(written, path, line, f" into {PYPROJECT}")


def _not_read(written: str, path: str, line: int, where: str) -> Problem:
    message = f"[{written}] looks like a configuration of migration-lint, and is not read under this name"
    return Problem(message, path, line, fix=f"write [{SECTION}]{where}")


def _is_near(name: str) -> bool:
    """Whether a name is within two slips of the tool's or the package's, whatever joins its words.

    Of these, one may be in the word lint, where it makes no other word: migration-list is something else.
    """
    plain = _JOINTS.sub("", name.lower())
    if not 10 <= len(plain) <= 30:
        return False  # most names, quickly
    plain = _LINT.sub("lint", plain)
    if plain.startswith("migrations"):
        plain = plain.replace("migrations", "migration", 1)
    if plain.endswith(_OTHER_WORDS) and not plain.endswith("lint"):
        return False
    for first in ("migration", "migrationcontract"):
        if len(plain) > len(first) + len("lint") + 1:
            continue  # pg-migration-lint: two letters more are a word more
        for at in range(max(0, len(first) - 2), min(len(plain), len(first) + 2) + 1):
            in_lint = _slips(plain[at:], "lint")
            if in_lint <= 1 and in_lint + _slips(plain[:at], first) <= 2:
                return True
    return False


def _slips(written: str, meant: str) -> int:
    """The edit distance of two words, with swapped neighbours as one edit (Damerau-Levenshtein)."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(written, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(meant, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and (letter, wanted) == (meant[j - 2], written[i - 2]):
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
    return row[-1]
