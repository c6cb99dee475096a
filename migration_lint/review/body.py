"""What comments say. Everything from a report is escaped: it may be the work of who asks for the review.

No line begins with text from a report, except within a fence: hosts take some lines for commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migration_lint.check.finding import ContractPlace, Finding
from migration_lint.report.hunks import Replacement
from migration_lint.report.markdown import render
from migration_lint.report.markdown_text import code, fence, inline
from migration_lint.report.screen import visible
from migration_lint.review.findings import Given
from migration_lint.wording import listed

ROOM = 2_000  # characters that are left free for the marker, and for what is said when a finding is fixed


def finding_text(finding: Finding, longest: int) -> str:
    """A finding as a comment of at most so many characters."""
    blocks = [f"**{finding.severity}** {code(finding.rule)}: {inline(finding.message)}"]
    if finding.contracts:
        blocks.append("\n".join(_contract(place) for place in finding.contracts))
    if finding.fix:
        blocks.append(_labelled("fix", finding.fix))
    for note in finding.notes:
        label, colon, rest = note.partition(":")
        blocks.append(_labelled(label.strip(), rest.strip()) if colon else f"- {_lines(note)}")
    return _fitted(blocks, longest - ROOM, "the rest of this comment")


def patch_text(replacement: Replacement, contracts: Sequence[str], suggestion: str) -> str:
    """A suggestion of what a contract should say; `suggestion` is the word of the host's fence."""
    names = listed([code(name) for name in contracts], "and")
    info = suggestion.format(above=replacement.last - replacement.first)
    return (
        f"What {code('migration-lint contract sync')} would write, so that {names} follows this change:\n\n"
        + fence("\n".join(replacement.after), info, bool(replacement.after))
    )


def summary_text(given: Given, apart: int, longest: int) -> str:
    """The whole report; `apart` is the number of findings that stand on no line of the diff."""
    report = given.report
    blocks = [render(report, longest * 2 // 3).rstrip()]
    if apart:
        said = "1 of them has" if apart == 1 else f"{apart} of them have"
        blocks.append(f"{said} no comment on a line of the diff.")
    behind = {place.path for finding in report.findings for place in finding.contracts}
    patches = [patch for patch in report.patches if patch.path in behind]
    if patches:
        blocks.append(f"#### What {code('migration-lint contract sync --write')} would write")
        blocks += [f"{code(patch.path)}\n\n{fence(_patch(patch.diff), 'diff')}" for patch in patches]
    return _fitted(blocks, longest - ROOM, "the rest of this report")


def _contract(place: ContractPlace) -> str:
    return f"- {code(place.where)} {inline(place.text)}".rstrip()


def _labelled(label: str, text: str) -> str:
    return f"**{inline(label)}:** {_lines(text)}"


def _lines(text: str) -> str:
    """One line as prose; what is below it, if it has more, as it stands."""
    first, *more = text.splitlines() or [""]
    if not more:
        return inline(first)
    return f"{inline(first)}\n\n{fence(_shown(more))}"


def _patch(diff: str) -> str:
    return _shown(diff.splitlines())


def _shown(lines: Iterable[str]) -> str:
    # Hosts look for commands at the beginning of lines, some of them within a fence too.
    return "\n".join(f" {visible(line)}" if line.startswith("/") else visible(line) for line in lines)


def _fitted(blocks: Sequence[str], longest: int, what: str) -> str:
    """So many whole blocks as there is room for, and a sentence where some are left out."""
    said = ""
    for block in blocks:
        more = f"\n\n{block}" if said else block
        if len(said) + len(more) > longest:
            return f"{said}\n\n*Left out, because there is no room for it: {what}.*".lstrip()
        said += more
    return said
