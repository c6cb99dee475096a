"""What one value of a configuration may be: each function takes a value of TOML, and says what it means.

All raise `Wrong` for what their key does not take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from migration_lint.wording import did_you_mean, nearest

Choice = TypeVar("Choice", bound=str)


class Wrong(Exception):
    """A value is not what its key takes; the message says what it takes, as an imperative."""


def text(given: object) -> str:
    if not isinstance(given, str):
        raise Wrong("give it one text in quotes")
    return given


def texts(given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(item, str) and item for item in given):
        raise Wrong('give it a list of texts: ["…", "…"]')
    return tuple(given)


def paths(given: object) -> tuple[str, ...]:
    named = texts(given)
    for each in named:
        if each.startswith(("/", "~")) or "\\" in each or each[1:2] == ":" or ".." in each.split("/"):
            raise Wrong(
                f"name it from this folder downwards, with / between the parts: {shown(each)} leads out"
            )
    return tuple(each.removeprefix("./") for each in named)


def path(given: object) -> str:
    """One path, from the folder of the configuration on."""
    return paths([text(given)])[0]


def one_or_more(given: object) -> tuple[str, ...]:
    """One text, or a list of them."""
    return texts([given] if isinstance(given, str) else given)


def one_or_more_paths(given: object) -> tuple[str, ...]:
    """One path, or a list of them."""
    return paths([given] if isinstance(given, str) else given)


def table(
    given: object, wanted: str = 'make it a table: one line "rule-name" = "error" for each rule'
) -> dict[str, object]:
    if not isinstance(given, dict):
        raise Wrong(wanted)
    return given


def variables(given: object) -> Mapping[str, str]:
    said = table(given, 'make it a table: one line NAME = "text" for each variable')
    if not all(isinstance(value, str) for value in said.values()):
        raise Wrong("give each variable one text in quotes")
    return {name: str(value) for name, value in said.items()}


def depends_on(given: object) -> Mapping[str, tuple[str, ...]]:
    said = table(given, 'make it a table: one line "revision" = ["…"] for each revision that computes it')
    return {revision: texts(names) for revision, names in said.items()}


def flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise Wrong("write true or false, without quotes")
    return given


def version(given: object) -> tuple[int, ...]:
    if isinstance(given, int) and not isinstance(given, bool) and given > 0:
        return (given,)
    # 10.10 is the number 10.1 in TOML, so that a version with a dot has to be a text.
    if not isinstance(given, str) or not re.fullmatch(r"\d+(\.\d+)*", given, re.ASCII):
        raise Wrong('write the version in quotes: "16", "10.11"')
    return tuple(map(int, given.split(".")))


def one_of(choices: tuple[Choice, ...]) -> Callable[[object], Choice]:
    def read(given: object) -> Choice:
        for choice in choices:
            if given == choice:
                return choice
        raise Wrong(nearest_of(given if isinstance(given, str) else "", choices))

    return read


def lower_case(given: object) -> int:
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= 2:
        return given
    raise Wrong("write 0, 1 or 2, as SHOW VARIABLES LIKE 'lower_case_table_names' says")


def some_of(choices: tuple[Choice, ...]) -> Callable[[object], tuple[Choice, ...]]:
    def read(given: object) -> tuple[Choice, ...]:
        if not isinstance(given, list) or not given or not all(item in choices for item in given):
            raise Wrong(f"give it a list of some of: {', '.join(choices)}")
        return tuple(choice for choice in choices if choice in given)

    return read


def nearest_of(given: str, known: Iterable[str]) -> str:
    choices = tuple(known)
    return did_you_mean(nearest(given, choices), f"use one of: {', '.join(choices)}")


def shown(value: object) -> str:
    """A value the way TOML writes it, cut short."""
    import json

    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= 60 else written[:59] + "…"
