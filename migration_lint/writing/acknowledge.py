"""What an owner would have to write so that a contract acknowledges what a change does.

Nothing here is written for anybody: the reason is the format's placeholder, which it refuses where it is
left standing. A review puts a reason in its place once the owner has consented, and a person applies that.
"""

from __future__ import annotations

from collections.abc import Iterable

from migration_lint.catalog.outcome import Outcome
from migration_lint.contracts.meaning import PLACEHOLDER, acknowledgement_key
from migration_lint.contracts.model import Contract, ContractSet, TableDeclaration
from migration_lint.writing.edit import Edit, Yaml, apply

#: A table's entry, as the contract writes it, and a revision that is to be acknowledged there.
Entry = tuple[str, str]


def to_acknowledge(contract: Contract, outcomes: Iterable[Outcome], names: ContractSet) -> tuple[Entry, ...]:
    """What a contract of head would acknowledge of the outcomes that it is behind for.

    `names` says how tables are written. An outcome that is of no revision, or whose table the contract has no
    entry for, or whose revision it acknowledges already, cannot be acknowledged there.
    """
    found: dict[Entry, None] = {}
    for outcome in outcomes:
        entry = _entry(contract, outcome, names)
        if entry is not None and outcome.revision and entry.acknowledgement(outcome.revision) is None:
            found[entry.name, outcome.revision] = None
    return tuple(found)


def acknowledged(text: str, entries: Iterable[Entry], reason: str = PLACEHOLDER) -> str:
    """A contract's text with these acknowledgements, the reason written as YAML.

    Raises KeyError where the text has no place for one of them: it may be of another format.
    """
    for table, revision in entries:
        text = apply(text, _edits(Yaml(text), table, acknowledgement_key(revision), reason))
    return text


def _edits(yaml: Yaml, table: str, key: str, reason: str) -> list[Edit]:
    at = ("tables", table)
    try:
        return yaml.add((*at, "acknowledges"), key, reason)
    except KeyError:
        pass  # it has no such section
    try:
        return yaml.add_block(at, ["  acknowledges:", f"    {key}: {reason}"])
    except KeyError:
        return yaml.add(at, "acknowledges", f"{{{key}: {reason}}}")  # the entry is written in braces


def _entry(contract: Contract, outcome: Outcome, names: ContractSet) -> TableDeclaration | None:
    tables = [names.folded(each) for each in (outcome.new_table, outcome.table) if each is not None]
    entries = (each for table in tables for each in contract.tables if names.name_of(each) == table)
    return next(entries, None)
