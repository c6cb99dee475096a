"""What a server ships: functions that change no table's shape, and PostgreSQL's operators and keywords.

The lists are files beside this one. Those of PostgreSQL and of MariaDB with MySQL are written by
`python -m tests.benchmarks.functions`, which asks a server; what it may call harmless, and why, stands there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect

_FOLDER = Path(__file__).parent
#: Of the harmful ones, those that can change a schema, or run code that does. The rest harms a server.
_HARMFUL = frozenset(
    f"harmful {reason}"
    for reason in ("runs-sql", "reads-by-name", "catalog", "index-maintenance", "internal")
)
#: SQLite's functions that run code or change how it reads: every other one only works on values.
_SQLITE_HARMFUL = frozenset({"load_extension", "fts3_tokenizer"})


#: Functions that were an extension's before they were the server's, and may be called as that.
_FORMER = frozenset({"gen_random_uuid"})


class _Shipped(NamedTuple):
    functions: frozenset[str]
    own: frozenset[str]  # of them those that are no extension's, and that no schema of the project has
    syntax: frozenset[str]  # words of the grammar, which are called without quotes only
    operators: frozenset[str]
    keywords: frozenset[str]


def is_harmless(name: str, dialect: Dialect) -> bool:
    """Whether the function of this name (lower case), if the project makes none such, changes no schema.

    SQL Server refuses DDL, and writing, in any but its procedures.
    """
    if dialect == "postgresql":
        return name in _shipped(postgresql=True).functions
    if dialect in ("mysql", "mariadb"):
        return name in _shipped(postgresql=False).functions
    return dialect != "sqlite" or name not in _SQLITE_HARMFUL


def is_own_only(name: str, schema: str, dialect: Dialect) -> bool:
    """Whether a harmless function of this name is meant only where no schema, or the server's, is said.

    With another one it is the project's: MySQL's functions are in none, PostgreSQL's in pg_catalog, and an
    extension's wherever it was made.
    """
    if dialect in ("mysql", "mariadb"):
        return schema.lower() != "sys"
    own = _shipped(postgresql=True).own - _FORMER
    return dialect == "postgresql" and schema != "pg_catalog" and name in own


def is_word(name: str, dialect: Dialect) -> bool:
    """Whether it is called as a word of MariaDB's and MySQL's grammar: in quotes it is a stored function."""
    return dialect in ("mysql", "mariadb") and name in _shipped(postgresql=False).syntax


def is_operator(mark: str) -> bool:
    """Whether PostgreSQL itself has an operator of this name."""
    return mark in _shipped(postgresql=True).operators


def is_keyword(word: str, dialect: Dialect) -> bool:
    """Whether the grammar knows the word (lower case): MariaDB's and MySQL's, or else PostgreSQL's."""
    return word in _shipped(dialect not in ("mysql", "mariadb")).keywords


@cache
def _shipped(postgresql: bool) -> _Shipped:
    parts = {"operators": frozenset[str](), "keywords": frozenset[str]()}
    functions: set[str] = set()
    others: set[str] = set()  # of extensions
    own = ("postgresql_functions.txt", "extension_functions.txt", "foreign_functions.txt")
    for file in own if postgresql else ("mysql_functions.txt",):
        for title, body in _sections(file).items():
            names = frozenset(body.split())
            parts[title] = names
            if title not in ("operators", "keywords") and title not in _HARMFUL:
                functions |= names
                if file == "extension_functions.txt":
                    others |= names
    syntax = parts.get("harmless syntax", frozenset())
    return _Shipped(
        frozenset(functions), frozenset(functions - others), syntax, parts["operators"], parts["keywords"]
    )


class Extension(NamedTuple):
    """What an extension of PostgreSQL owns, by name."""

    types: frozenset[str]
    functions: frozenset[str]
    prefixes: tuple[str, ...]  # of functions: every name that begins so
    operators: frozenset[str]
    methods: frozenset[str]  # of access, which indexes use
    relations: frozenset[str]
    dictionaries: frozenset[str]  # of text search


@cache
def extension(name: str) -> Extension | None:
    """What an extension owns; None: it is not known, or owns what no catalog holds."""
    said = _sections("extension_objects.txt").get(name)
    if said is None:
        return None
    owned: dict[str, list[str]] = {}
    for line in said.replace("\n  ", " ").splitlines():
        what, _, names = line.partition(" ")
        owned[what] = names.split()
    functions = [*owned.get("functions", ()), *_sections("extension_functions.txt").get(name, "").split()]
    kinds = ("operators", "methods", "relations", "dictionaries")
    return Extension(
        frozenset(owned.get("types", ())),
        frozenset(functions),
        tuple(each[:-1] for each in functions if each.endswith("*")),
        *(frozenset(owned.get(kind, ())) for kind in kinds),
    )


def _sections(file: str) -> dict[str, str]:
    """The parts of a file, by the titles in brackets in front of them."""
    text = (_FOLDER / file).read_text(encoding="utf-8")
    return {title: body for title, _, body in (each.partition("]\n") for each in text.split("\n[")[1:])}
