"""One more table in a contract's text, of which every other character stays as it is."""

from __future__ import annotations

import re

from migration_lint.contracts.meaning import flow
from migration_lint.contracts.model import Contract, TableDeclaration
from migration_lint.contracts.parse import parse_contract
from migration_lint.errors import CannotJudge, Problem
from migration_lint.writing.draft import Draft, encoded, entry_lines
from migration_lint.writing.edit import Edit, Yaml, apply


def with_table(contract: Contract, text: str, draft: Draft) -> str:
    """A contract's text with a draft's table behind those that it has. Raises CannotJudge where that fails.

    What was made is read again: it says of the other tables what it said, and of this one what was drafted.
    """
    lines = entry_lines(draft)
    alone = "\n".join(
        ["contract: migration-lint/v1", f"id: {flow(contract.id)}", f"service: {flow(contract.service)}",
         f"role: {contract.role}", "tables:", *lines, ""]
    )  # fmt: skip
    (wanted,) = parse_contract(encoded(alone), contract.path).tables
    try:
        made = apply(text, _edits(text, alone, draft.spelled, lines))
        found = parse_contract(encoded(made), contract.path)
    except (CannotJudge, KeyError, ValueError, IndexError):
        raise _by_hand(contract, lines) from None
    if list(map(_without_lines, found.tables)) != list(map(_without_lines, (*contract.tables, wanted))):
        raise _by_hand(contract, lines)
    return made


def _edits(text: str, alone: str, name: str, lines: list[str]) -> list[Edit]:
    yaml = Yaml(text)
    try:
        return yaml.add_block(("tables",), lines)
    except KeyError:  # all of it is in braces
        from yaml import safe_load

        return yaml.add(("tables",), flow(name), flow(safe_load(alone)["tables"][name]))


def _by_hand(contract: Contract, lines: list[str]) -> CannotJudge:
    entry = "\n".join(lines)
    return CannotJudge(
        Problem(
            "this is written in a way that no table can be added to without touching the rest",
            contract.path,
            fix=f"add it by hand below its tables:\n{entry}",
        )
    )


def _without_lines(entry: TableDeclaration) -> str:
    """What an entry says, wherever it stands."""
    return re.sub(r"\bline=[0-9]+", "", repr(entry))
