"""Libraries through which code reaches tables without SQL that could be read, told by what a file imports.

`unread-libraries.tsv` lists them: the language, or the ending of files that no grammar here reads; the
library; what is imported of it; words that show it by themselves; words without which it does nothing to a
table. A row for an ending that imports nothing and shows no word is for each such file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from migration_lint.named_tuple import NamedTuple
from migration_lint.sources.files import is_own
from migration_lint.sources.languages import language_of

#: How a file of a language names what it imports, with the names in the place of `%s`.
_IMPORTS = {
    "Python": r"^[ \t]*(?:from[ \t]+|import[ \t]+(?:[\w. ]+,[ \t]*)*)(?:%s)\b",
    "Go": r'"(?:%s)(?:/[^"\n]*)?"',
    "JavaScript": r"""(?:\bfrom|\brequire\(|\bimport\(?)\s*["'](?:%s)(?:/[^"'\n]*)?["']""",
    "Java": r"\b(?:%s)\b",
    "C#": r"\busing\s+(?:static\s+)?(?:\w+\s*=\s*)?(?:global::)?(?:%s)\b",
    "Rust": r"\b(?:%s)::|\b(?:use|crate)\s+(?:%s)\b",
    "Ruby": r"""\brequire\s*\(?["'](?:%s)["'/]""",
    "PHP": r"\buse\s+\\?(?:%s)\b",
}
#: Languages that import what is of another.
_SHARED = {"TypeScript": "JavaScript", "Kotlin": "Java"}
#: Where a package's files see each other's imports.
_BY_FOLDER = frozenset((".go",))

_IRREGULAR = {"person": "people", "child": "children", "man": "men", "woman": "women", "datum": "data"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
_COMMENT = re.compile(rb"^\s*(?:#(?![\[\w])|--|/?\*)|//|\s#\s")


class Library(NamedTuple):
    """A library that is not read, and how a file shows that it uses it."""

    name: str
    shown: re.Pattern[bytes] | None  # None: each file of the ending is its
    needed: re.Pattern[bytes] | None


class Mention(NamedTuple):
    """A place in a file that names a table, or what stands for it: a class, a field of a client."""

    start: int
    exact: bool
    """It is the table's own name, not one that is made of it."""


@cache
def _libraries() -> dict[str, tuple[Library, ...]]:
    found: dict[str, list[Library]] = {}
    text = Path(__file__).with_name("unread-libraries.tsv").read_text(encoding="utf-8")
    for line in text.splitlines()[1:]:
        files, name, imports, marks, needed = line.split("\t")
        ways = [_IMPORTS[files].replace("%s", _any(imports.split()))] if imports else []
        ways += [_words(marks.split())] if marks else []
        shown = re.compile("|".join(ways).encode(), re.MULTILINE) if ways else None
        only = re.compile(_words(needed.split()).encode()) if needed else None
        found.setdefault(files, []).append(Library(name, shown, only))
    return {files: tuple(each) for files, each in found.items()}


def _any(names: list[str]) -> str:
    return "|".join(re.escape(name) for name in names)


def _words(names: list[str]) -> str:
    return rf"(?<!\w)(?:{_any(names)})(?!\w)"


def ending_of(path: str) -> str:
    """The ending of a path with its dot, in small letters."""
    name = path[path.rfind("/") + 1 :]
    return name[name.rfind(".") :].lower() if "." in name else ""


def may_use_libraries(path: str) -> bool:
    """Whether a file is a service's own, of a kind that may use a library which is not read."""
    return bool(_of(path)) and is_own(path)


def can_use(path: str, library: str) -> bool:
    """Whether a library is one of the language that a file is in."""
    return any(each.name == library for each in _of(path))


def _of(path: str) -> tuple[Library, ...]:
    language = language_of(path) or ""
    return _libraries().get(_SHARED.get(language, language) or ending_of(path), ())


def libraries_in(path: str, data: bytes) -> tuple[str, ...]:
    """The libraries that a file uses, by their names, and that are not read."""
    return tuple(
        each.name
        for each in _of(path)
        if (each.shown is None or each.shown.search(data))
        and (each.needed is None or each.needed.search(data))
    )


def shares_imports(path: str) -> bool:
    """Whether what one file of a folder imports tells of the others."""
    return ending_of(path) in _BY_FOLDER


def mentions(table: str, path: str, data: bytes) -> Iterator[Mention]:
    """The places in a file's code that may mean a table: its name, and what libraries make of its name.

    A table `deployment_events` is `DeploymentEvent` to a model, `deploymentEvents` to a client. A table with
    the name of its program in front (`billing_invoice` in a folder `billing`) is `Invoice` there.
    """
    for found in _pattern(table, path).finditer(data):
        word = found.group()
        exact = word.lower() == table.lower().encode()
        if _is_code(data, found.start()) and _names_it(data, found, word):
            yield Mention(found.start(), exact)


def _names_it(data: bytes, found: re.Match[bytes], word: bytes) -> bool:
    """Whether a word is no mere variable: one small word is one, but for where it stands."""
    if not word.islower() or b"_" in word:
        return True
    before, after = data[: found.start()][-2:], data[found.end() :][:2]
    return (
        before[-1:] in (b".", b'"', b"'", b"`", b":")
        or after in (b"::",)
        or after[:1] in (b".", b"(")
        or (before[-1:] == b"(" and after[:1] in (b")", b","))
        or after == b" ("
        or data[: found.start()].rstrip().endswith(b"model")
    )


def _pattern(table: str, path: str) -> re.Pattern[bytes]:
    folders = {_plain(each) for each in path.rpartition(".")[0].split("/")}
    words = _words_of(table)
    starts = [0]
    for at in range(1, len(words)):
        if not {"".join(words[:at]), *_numbers("".join(words[:at]))}.isdisjoint(folders):
            starts.append(at)
    return _compiled(table, tuple(starts))


@lru_cache(maxsize=256)
def _compiled(table: str, starts: tuple[int, ...]) -> re.Pattern[bytes]:
    """The names of a table that begin with some of its words."""
    ways = "|".join(_joined(_words_of(table)[at:]) for at in starts)
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{ways})(?![A-Za-z0-9_])".encode(), re.IGNORECASE)


def _words_of(table: str) -> list[str]:
    return [each.lower() for part in table.split("_") for each in _WORD.findall(part)] or [table.lower()]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _joined(words: list[str]) -> str:
    return "[_-]?".join((*map(re.escape, words[:-1]), f"(?:{'|'.join(_numbers(words[-1]))})"))


def _numbers(word: str) -> list[str]:
    """A word in the singular and the plural, as far as libraries make one of the other."""
    found = {word, _IRREGULAR.get(word, word), f"{word}s", f"{word}es"}
    found |= {one for one, many in _IRREGULAR.items() if many == word}
    if word.endswith("y"):
        found.add(f"{word[:-1]}ies")
    for ending, single in (("ies", "y"), ("es", ""), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            found.add(word[: -len(ending)] + single)
    return sorted(map(re.escape, found), key=lambda each: (-len(each), each))


def _is_code(data: bytes, at: int) -> bool:
    return _COMMENT.search(data[data.rfind(b"\n", 0, at) + 1 : at]) is None
