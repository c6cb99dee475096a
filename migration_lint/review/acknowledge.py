"""What owners have agreed to, and the lines with which contracts acknowledge it: offered, never written.

Which lines these are is in the report, which may be forged: a patch is taken for what it says that it is only
where all that it adds are acknowledgements of the revisions that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from os.path import commonprefix

from migration_lint.check.finding import Acknowledging
from migration_lint.contracts.meaning import PLACEHOLDER, acknowledgement_key, flow
from migration_lint.named_tuple import NamedTuple
from migration_lint.report.hunks import Replacement, replacements
from migration_lint.report.markdown_text import code, fence
from migration_lint.report.screen import visible
from migration_lint.review.findings import Given
from migration_lint.review.host import Host, RequestState
from migration_lint.review.marker import About, digest
from migration_lint.review.owners import Consent, Owners, consents
from migration_lint.review.place import fitting, is_contract
from migration_lint.review.plan import Remark
from migration_lint.review.target import ReviewTarget

ROOM = 2_000  # characters that are left free


class Offer(NamedTuple):
    """What an owner has agreed to: comments with suggestions where they can stand, else the lines to add."""

    consent: Consent
    path: str
    remarks: tuple[Remark, ...]
    lines: str  # YAML; "": the remarks say all of it

    def sentence(self) -> str:
        """Who has agreed, in plain words."""
        contract, person, label = self.consent
        how = f"has set the label {label}" if label else "has approved this"
        return f"{person}, who owns {contract}, {how}"


def offers(
    host: Host, given: Given, owners: Owners, state: RequestState, target: ReviewTarget, inline: bool
) -> tuple[list[Offer], str]:
    """What is to be offered, and what could not be learned. The host is asked only where there is anything.

    Not `inline`: no comments on lines. Raises as the host does.
    """
    wanted = [each for each in given.report.acknowledging if each.contract in owners.people]
    wanted = [each for each in wanted if is_contract(each.path) and each.entries]
    if not wanted:
        return [], ""
    recorded = host.recorded(any(each.contract in owners.labels for each in wanted))
    agreed = consents(owners, recorded)
    made = [
        _offer(each, agreed[each.contract], given, host, state, target, inline)
        for each in wanted
        if each.contract in agreed
    ]
    return made, recorded.unknown


def offer_text(offer: Offer) -> str:
    """What the summary says of it."""
    said = f"{_who(offer.consent)}."
    if not offer.lines:
        return f"{said} The suggestion in {code(offer.path)} acknowledges it, once somebody applies it."
    return f"{said} To acknowledge it, add to {code(offer.path)}:\n\n{fence(offer.lines, 'yaml')}"


def _offer(
    made: Acknowledging,
    consent: Consent,
    given: Given,
    host: Host,
    state: RequestState,
    target: ReviewTarget,
    inline: bool,
) -> Offer:
    reason = _reason(consent, target.number)
    parts = replacements(made.diff)
    whole = 0 < len(parts) <= len(made.entries) and all(_only_acknowledges(part, made) for part in parts)
    remarks: list[Remark] = []
    if whole and inline and host.suggestion:
        for part in parts:
            after = tuple(line.replace(PLACEHOLDER, reason) for line in part.after)
            moved = fitting(
                part._replace(after=after),
                state.shown.get(made.path, {}),
                given.judged.commit == target.commit,
            )
            text = _suggestion(consent, moved, host.suggestion) if moved is not None else ""
            if moved is None or len(text) > host.longest - ROOM:
                continue
            key = "p" + digest(made.path, *moved.before, "", *moved.after, length=32)
            anchor = digest(*(line.strip() for line in moved.before))
            about = About(target.scope, key, digest("acknowledge", made.path), anchor)
            remarks.append(Remark(about, made.path, moved.last, text, moved.first, True))
    lines = "" if remarks and len(remarks) == len(parts) else _lines(made.entries, reason)
    return Offer(consent, made.path, tuple(remarks), lines)


def _only_acknowledges(part: Replacement, made: Acknowledging) -> bool:
    """Whether what a part adds are acknowledgements of the named revisions, each with the placeholder."""
    before, after = "\n".join(part.before), "\n".join(part.after)
    start = len(commonprefix([before, after]))
    end = len(commonprefix([before[start:][::-1], after[start:][::-1]]))
    if start + end != len(before):
        return False
    keys = "|".join(re.escape(acknowledgement_key(revision)) for _, revision in made.entries)
    entry = rf"(?:{keys}): {re.escape(PLACEHOLDER)}"
    added = " ".join(re.split(r"[\s,]+", after[start : len(after) - end])).strip()
    return re.fullmatch(rf"(?:acknowledges: \{{?)?{entry}(?: {entry})*\}}?", added) is not None


def _suggestion(consent: Consent, part: Replacement, suggestion: str) -> str:
    info = suggestion.format(above=part.last - part.first)
    return f"{_who(consent)}. This acknowledges it in the contract, once somebody applies it:\n\n" + fence(
        "\n".join(part.after), info
    )


def _who(consent: Consent) -> str:
    how = "has approved this" if not consent.by_label else f"has set the label {code(consent.by_label)}"
    return f"{code(consent.person)}, who owns {code(consent.contract)}, {how}"


def _reason(consent: Consent, number: int) -> str:
    """What stands in the contract, as YAML."""
    how = "approved" if not consent.by_label else "labelled"
    return flow(f"{how} by {consent.person} in request {number}")


def _lines(entries: Sequence[tuple[str, str]], reason: str) -> str:
    """The acknowledgements below the tables that they are of."""
    tables: dict[str, list[str]] = {}
    for table, revision in entries:
        tables.setdefault(table, []).append(f"    {acknowledgement_key(revision)}: {reason}")
    return "\n".join(_visible(tables))


def _visible(tables: dict[str, list[str]]) -> Iterable[str]:
    for table, lines in tables.items():
        yield visible(f"{flow(table)}:")
        yield "  acknowledges:"
        yield from map(visible, lines)
