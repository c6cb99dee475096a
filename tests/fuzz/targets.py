"""What can be fuzzed: how a text is made, and what must hold of it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple
from zlib import crc32

from migration_lint.operations import DIALECTS
from tests.fuzz import corpus, mutation, programs, properties, tree


class Target(NamedTuple):
    """`make` gives a text by chance, `check` raises where something does not hold of it."""

    name: str
    suffix: str
    make: Callable[[Random], str]
    check: Callable[[str], None]


def _script(random: Random) -> str:
    return mutation.script(random.choice(corpus.scripts()), corpus.scripts(), random)


def _check_script(text: str) -> None:
    properties.script_is_read(text, Random(crc32(text.encode("utf-8", "replace"))))


def _sql(random: Random) -> str:
    dialect, text = random.choice(corpus.statements())
    if random.randrange(6) == 0:
        dialect = random.choice(DIALECTS)
    return f"-- {dialect}\n" + mutation.sql(text, [each for _, each in corpus.statements()], random)


def _check_sql(text: str) -> None:
    first, _, rest = text.partition("\n")
    dialect = next((each for each in DIALECTS if first == f"-- {each}"), None)
    if dialect is not None:
        properties.sql_is_read(rest, dialect, Random(crc32(text.encode("utf-8", "replace"))))


TARGETS = {
    target.name: target
    for target in (
        Target("program", ".py", programs.program, properties.program_is_read),
        Target("script", ".py", _script, _check_script),
        Target("sql", ".sql", _sql, _check_sql),
        Target("tree", ".json", tree.tree, tree.tree_is_read),
    )
}
