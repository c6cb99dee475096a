"""The language of messages: text with facts in braces, `{table}.{column} is dropped`.

Only dotted names of facts stand in braces, and `{{` and `}}` for a brace itself: no formats, no
conversions, no indexes. What a fact holds is somebody else's text: it is put in as it is, never read
again as a template, and without the control characters that could forge lines or colours.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from migration_lint.named_tuple import NamedTuple
from migration_lint.rulebook.condition import ConditionError
from migration_lint.wording import listed

if TYPE_CHECKING:
    from migration_lint.rulebook.checking import Known

_PART = r"\{\{|\}\}|\{([^{}]*)\}|[{}]"
_NAME = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*"


class Piece(NamedTuple):
    """A piece of a template."""

    text: str  # literal text, or the dotted name
    is_fact: bool
    start: int  # where it stands in the template, in characters from 0
    end: int


def pieces(template: str) -> list[Piece]:
    """The template in pieces. Raises ConditionError at a brace that stands for nothing."""
    found: list[Piece] = []
    last = 0
    for match in re.finditer(_PART, template):
        start, end = match.span()
        if start > last:
            found.append(Piece(template[last:start], False, last, start))
        last = end
        if match[0] in ("{{", "}}"):
            found.append(Piece(match[0][0], False, start, end))
        elif match[1] is None:
            fix = f"write `{match[0] * 2}` for the character itself"
            raise ConditionError(f"this `{match[0]}` has no partner", start, end, fix)
        elif re.fullmatch(_NAME, match[1]):
            found.append(Piece(match[1], True, start + 1, end - 1))
        else:
            fix = "only a fact's name stands in braces: `{table}`, `{column.old_type}`"
            raise ConditionError(f"`{match[0]}` is not the name of a fact", start, end, fix)
    if last < len(template):
        found.append(Piece(template[last:], False, last, len(template)))
    return found


def check(template: str, event: type, known: Known) -> None:
    """Checks a template against an event's facts; `known` are those that are not None.

    Raises ConditionError.
    """
    from migration_lint.facts.model import LABELS
    from migration_lint.rulebook.checking import Type, fact, fields_of

    def text_of(piece: Piece, found: Type) -> None:
        kinds = {atom.kind for atom in found}
        if "facts" in kinds:
            space = next(atom.space for atom in found)
            if space not in LABELS:
                names = ", ".join(f"{{{piece.text}.{name}}}" for name in fields_of(space)) if space else ""
                raise ConditionError(
                    f"{{{piece.text}}} is a group of facts", piece.start, piece.end, f"write {names}"
                )
        elif "nothing" in kinds:
            message = f"{piece.text} may be None"
            fix = f"ask first: give the text as a list of `when: {piece.text} is not None` and `then`"
            raise ConditionError(message, piece.start, piece.end, fix)
        elif "truth" in kinds:
            fix = f"give the text as a list of `when: {piece.text}` and `then`"
            raise ConditionError(f"{piece.text} is true or false, not a text", piece.start, piece.end, fix)

    for piece in pieces(template):
        if piece.is_fact:
            try:
                found = fact(event, tuple(piece.text.split(".")), known)
            except KeyError as error:
                message, fix = error.args
                raise ConditionError(message, piece.start, piece.end, fix) from None
            text_of(piece, found)


@cache
def compiled(template: str) -> Callable[[object], str]:
    """The template as a function of an event's facts. Raises ConditionError."""
    made: list[str | Callable[[Any], Any]] = [
        attrgetter(piece.text) if piece.is_fact else piece.text for piece in pieces(template)
    ]
    return lambda facts: "".join(
        each if isinstance(each, str) else shown(each(facts)) for each in made
    ).strip()


def shown(value: object) -> str:
    """A fact as a message shows it: a group by its label, a list as `a, b and c`."""
    # Whoever holds a group of facts has imported this already; a run without findings has not.
    from migration_lint.facts.model import LABELS

    label = LABELS.get(type(value))
    if label is not None:
        return shown(getattr(value, label))
    if isinstance(value, tuple):
        return listed(map(shown, value), "and") or "none"
    text = str(value)
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def generic(template: str) -> str:
    """The template as `explain` shows it, where there are no facts: `<column.old_type>`."""
    return "".join(f"<{piece.text}>" if piece.is_fact else piece.text for piece in pieces(template)).strip()
