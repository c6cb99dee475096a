"""What comments say. Everything from a report is escaped: it may be the work of who asks for the review.

No line begins with text from a report, except within a fence: hosts take some lines for commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migration_lint.check.finding import ContractPlace, Finding
from migration_lint.data_class import replace
from migration_lint.named_tuple import NamedTuple
from migration_lint.report.hunks import Replacement
from migration_lint.report.markdown import render
from migration_lint.report.markdown_text import code, fence, inline, linked
from migration_lint.report.screen import visible
from migration_lint.review.findings import Given
from migration_lint.review.host import Link
from migration_lint.wording import listed

ROOM = 2_000  # characters that are left free for the marker, and for what is said when a finding is fixed


class Standing(NamedTuple):
    """What the summary says besides the report."""

    findings: tuple[Finding, ...]  # with the lines of head, as far as they are known
    apart: int  # of them without a comment of their own
    uncertain: bool  # some lines count in what was judged
    unresolved: int  # threads that were closed and could not be resolved
    unchanged: bool  # a comment of another token says something else by now
    foreign: int  # comments of another token that stand open, and what they are about has gone
    agreed: tuple[str, ...] = ()  # Markdown: what owners have agreed to


def finding_text(finding: Finding, longest: int, link: Link) -> str:
    """A finding as a comment of at most so many characters."""
    blocks = [f"**{finding.severity}** {code(finding.rule)}: {inline(finding.message)}"]
    if finding.contracts:
        blocks.append("\n".join(_contract(each, link) for each in finding.contracts))
    if finding.fix:
        blocks.append(_labelled("fix", finding.fix))
    for note in finding.notes:
        label, colon, rest = note.partition(":")
        blocks.append(_labelled(label.strip(), rest.strip()) if colon else f"- {_lines(note)}")
    return _fitted(blocks, longest - ROOM, "the rest of this comment")


def patch_text(part: Replacement, contracts: Sequence[str], suggestion: str) -> str:
    """A suggestion of what a contract should say; `suggestion` is the word of the host's fence."""
    names = listed([code(name) for name in contracts], "and")
    info = suggestion.format(above=part.last - part.first)
    return (
        f"What {code('migration-lint contract sync')} would write, so that {names} follows this change:\n\n"
        + fence("\n".join(part.after), info, bool(part.after))
    )


def summary_text(given: Given, standing: Standing, longest: int, link: Link) -> str:
    """The whole report, and what became of its comments."""
    report = replace(given.report, findings=standing.findings)
    blocks = [render(report, longest * 2 // 3, given.judged.project, link).rstrip()]
    blocks += _remarks(given, standing)
    if standing.agreed:
        blocks += ["#### What owners have agreed to", *standing.agreed]
    behind = {each.path for finding in report.findings for each in finding.contracts}
    patches = [patch for patch in report.patches if patch.path in behind]
    if patches:
        blocks.append(f"#### What {code('migration-lint contract sync --write')} would write")
        blocks += [f"{code(patch.path)}\n\n{fence(_patch(patch.diff), 'diff')}" for patch in patches]
    return _fitted(blocks, longest - ROOM, "the rest of this report")


def _remarks(given: Given, standing: Standing) -> Iterable[str]:
    if standing.apart:
        one = standing.apart == 1
        yield f"{standing.apart} of them {'has' if one else 'have'} no comment on a line of the diff."
    if given.left_out:
        yield f"The report had no room for {given.left_out} more findings."
    if standing.uncertain:
        judged = code(given.judged.commit[:12] or given.judged.kind)
        yield f"Lines that the diff does not show count in {judged}, which was judged."
    if standing.unresolved:
        threads = "thread is" if standing.unresolved == 1 else "threads are"
        yield f"{standing.unresolved} {threads} closed, not resolved: the token may not resolve them."
    if standing.foreign:
        yield foreign_sentence(standing.foreign)
    if standing.unchanged:
        yield "A comment that was written with another token could not be brought up to date: this one holds."


def foreign_sentence(number: int) -> str:
    """What people have to do themselves."""
    comments, them = ("comment", "it") if number == 1 else ("comments", "them")
    verb = "is" if number == 1 else "are"
    return (
        f"{number} {comments} of another token {verb} about what is not found any more: "
        f"this token may neither change nor resolve {them}."
    )


def _contract(place: ContractPlace, link: Link) -> str:
    return f"- {linked(place.where, link(place.path, place.line))} {inline(place.text)}".rstrip()


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
