"""What a rule reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from migration_lint.data_class import dataclass
from migration_lint.named_tuple import NamedTuple
from migration_lint.rulebook.rule import Rule
from migration_lint.severity import SEVERITIES, Severity, at_least

if TYPE_CHECKING:
    from migration_lint.change.identity import Identity

__all__ = [
    "SEVERITIES",
    "Acknowledging",
    "ContractPatch",
    "ContractPlace",
    "Database",
    "Finding",
    "Judged",
    "Report",
    "Severity",
    "bounded",
    "gravest_first",
]


#: What one finding may hold, so that a report of thousands can be written, sent and read: where
#: a message lists what a script has done before, each statement's list is longer than the last one's.
LONGEST_MESSAGE = 2_000  # characters
LONGEST_FIX = 8_000  # it may be code
LONGEST_NAME = 500
MOST_ITEMS = 100  # of one list


class ContractPlace(NamedTuple):
    """The place in a contract file that a finding is about, beside the place in the migration."""

    path: str
    line: int  # from 1; 0: the file as a whole (it is gone, or has no entry to point at)
    id: str
    text: str  # what it still says and what it should: "still reads hint: text, not null; expected: …"

    @property
    def where(self) -> str:
        """`path:line`, or the path alone."""
        return f"{self.path}:{self.line}" if self.line else self.path


class ContractPatch(NamedTuple):
    """What would make one contract file follow the change, as far as that can be written for its author."""

    path: str
    diff: str  # unified, from the file as head has it


class Acknowledging(NamedTuple):
    """What would make one contract acknowledge what the change does, with a placeholder for the reason."""

    contract: str  # its id
    path: str
    entries: tuple[tuple[str, str], ...]  # a table, as the contract calls it, and a revision
    diff: str  # unified, from the file as head has it; "": it cannot be worked out


class Finding(NamedTuple):
    """One finding. Lines and columns count from 1; 0 means the whole file."""

    rule: str
    severity: Severity
    message: str
    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0  # one past the last character, as SARIF counts
    revision: str | None = None
    table: str | None = None
    contracts: tuple[ContractPlace, ...] = ()
    fix: str = ""
    notes: tuple[str, ...] = ()  # further lines of the diagnostic, each `label: text`
    fingerprint: str = ""  # stays the same when lines move
    element: str | None = None  # what of the table: a column, an index, a need of a contract

    @property
    def where(self) -> str:
        """`path:line`, or the path alone."""
        return f"{self.path}:{self.line}" if self.line else self.path


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, the most severe first, else in their order: what a limit leaves out comes last."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def bounded(finding: Finding) -> Finding:
    """The finding, with what is too long for anybody to read cut off; how much that is, it says."""
    contracts, notes = len(finding.contracts) - MOST_ITEMS, len(finding.notes) - MOST_ITEMS
    most = MOST_ITEMS - 1 if contracts > 0 or notes > 0 else MOST_ITEMS  # one note says what is left out
    over = (contracts, "contract"), (len(finding.notes) - most, "note")
    left_out = [f"{number:,} more {what}{'' if number == 1 else 's'}" for number, what in over if number > 0]
    said = (f"left out: {' and '.join(left_out)}",) if left_out else ()
    return finding._replace(
        message=_cut(finding.message, LONGEST_MESSAGE),
        element=None if finding.element is None else _cut(finding.element, LONGEST_NAME),
        contracts=tuple(
            each._replace(text=_cut(each.text, LONGEST_MESSAGE)) for each in finding.contracts[:MOST_ITEMS]
        ),
        fix=_cut(finding.fix, LONGEST_FIX),
        notes=(*(_cut(note, LONGEST_FIX) for note in finding.notes[:most]), *said),
    )


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    kept = longest - 40
    return f"{text[:kept]}… ({len(text) - kept:,} more characters)"


class Database(NamedTuple):
    """A database whose migrations were judged."""

    name: str  # what messages call it: the path of its configuration
    dialect: str
    version: str  # "" if the configuration does not say
    revisions: int  # those of head


class Judged(NamedTuple):
    """What a run judged. Paths in its report count from the root of the trees."""

    project: str  # the judged folder's path in the trees; "" for their root
    head: Identity
    base: Identity | None = None  # None: nothing was compared
    databases: tuple[Database, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one run found, and what it takes to show it."""

    findings: tuple[Finding, ...] = ()  # in the order to show them
    notes: tuple[str, ...] = ()  # about the run as a whole, a sentence each
    advice: tuple[str, ...] = ()  # what to do next about so many, for people; lines
    suppressed: int = 0
    baselined: int = 0  # not reported again, because the baseline lists them
    revisions: int = 0  # judged: new, edited or removed in the change
    contracts: int | None = None  # held against something else; None: the run was about a change
    fail_on: Severity = "error"
    patches: tuple[ContractPatch, ...] = ()  # worked out only for those who show them
    acknowledging: tuple[Acknowledging, ...] = ()  # the same
    source: Callable[[str], str | None] = lambda path: None  # a file of head; None: it cannot be shown
    rule: Callable[[str], Rule | None] = lambda name: None  # a rule by its name; None: it is not known
    judged: Callable[[], Judged | None] = lambda: None  # worked out only for those who tell it

    @property
    def failed(self) -> bool:
        """Whether a finding is as grave as `fail_on`, or graver: exit status 1."""
        return any(at_least(finding.severity, self.fail_on) for finding in self.findings)

    def count(self, severity: Severity) -> int:
        """How many findings have exactly this severity."""
        return sum(finding.severity == severity for finding in self.findings)
