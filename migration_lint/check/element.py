"""What of a table an occurrence is about: the name that a finding keeps, whatever it says."""

from __future__ import annotations

from migration_lint.facts.model import (
    ColumnFacts,
    DisagreementFacts,
    DisparityFacts,
    Facts,
    NeedFacts,
    OperationFacts,
    ViewFacts,
)


def element_of(facts: Facts) -> str | None:
    """The name of a column, an index, a view or a need; None where it is about a table, or a revision."""
    found: list[str] = []
    for each in facts:
        if isinstance(each, ColumnFacts):
            return each.name
        if isinstance(each, (DisagreementFacts, DisparityFacts)):
            return each.element
        if isinstance(each, NeedFacts):
            return each.text
        if isinstance(each, ViewFacts):
            return each.label
        if isinstance(each, OperationFacts):
            found = [each.name] if each.name else list(each.columns)
    return ", ".join(found) or None
