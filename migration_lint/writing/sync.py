"""`contract sync`: contracts mended after a change, and vendored files refreshed."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path

from migration_lint import disk
from migration_lint.catalog.outcome import Outcome
from migration_lint.change import Tree, resolve_tree
from migration_lint.check.databases import Part
from migration_lint.check.finding import Acknowledging, ContractPatch
from migration_lint.check.input import Input, read_input
from migration_lint.check.parity import head_state
from migration_lint.check.schema import Progress
from migration_lint.contracts.judgement import judge
from migration_lint.contracts.model import Acknowledgement, Contract
from migration_lint.contracts.parse import parse_contract
from migration_lint.errors import CannotJudge
from migration_lint.named_tuple import NamedTuple
from migration_lint.parity.model import Disparity
from migration_lint.parity.schema import schema_disparities
from migration_lint.store import Store, open_store
from migration_lint.vendoring import LOCK, VendoringLock, lock_text, read_lock
from migration_lint.vendoring.refresh import refresh
from migration_lint.writing.acknowledge import Entry, acknowledged, to_acknowledge
from migration_lint.writing.mend import Mended, mend_disparities, mend_outcomes
from migration_lint.writing.patch import patch


class FileChange(NamedTuple):
    """One file that is to be written. Paths count from the top of the tree."""

    path: str
    before: str | None  # None: it is new
    after: str


class Synced(NamedTuple):
    """What is to be written, and what is left to a person."""

    changes: tuple[FileChange, ...]
    left: tuple[tuple[str, str], ...] = ()  # path of a contract, what has to be written there
    project: str = ""  # the project's folder in the tree
    notes: tuple[str, ...] = ()  # what a person should know of what is written


def sync_contracts(
    project: Path,
    *,
    base: str | None = None,
    head: str | None = None,
    environ: Mapping[str, str],
    config: str | None = None,
    use_cache: bool = True,
    edited: Mapping[str, bytes] | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> Synced:
    """Contracts of head that follow what the change does, and agree with the schema that it makes.

    Vendored contracts are left alone: they are mended where they come from. Raises CannotJudge as a check.
    """
    store = open_store(environ) if use_cache else Store(None)
    return _synced(
        read_input(project, base, head, False, environ, store, progress, config=config, edited=edited)
    )


def _synced(given: Input) -> Synced:
    tree = given.change.head
    vendored = _vendored(tree, given.change.project)
    mended: list[Mended] = []
    late = [part.change.late() for part in given.parts]
    for contract in given.contracts.head.contracts:
        written = Written(tree.read(contract.path))
        if contract.path in vendored:
            if any(contract.id in each for each in late):
                sentence = f"mend it in {vendored[contract.path]}, and take it anew"
                mended.append(Mended(contract.path, written.text, written.text, (sentence,)))
            continue
        plain, left = written.plain, list[str]()
        for part, outcomes in zip(given.parts, late, strict=True):
            look_up, names = part.change.agreed.head_column, part.contracts.head
            about = given.databases.apart(parse_contract(plain.encode(), contract.path), part.number)
            first = mend_outcomes(about, plain, outcomes.get(contract.id, ()), names, look_up)
            now = given.databases.apart(parse_contract(first.after.encode(), contract.path), part.number)
            second = mend_disparities(now, first.after, _disparities(given, part, now), names, look_up)
            plain = second.after
            left += (*first.left, *second.left)
        mended.append(Mended(contract.path, written.text, written.again(plain), tuple(dict.fromkeys(left))))
    return Synced(
        tuple(FileChange(each.path, each.before, each.after) for each in mended if each.after != each.before),
        tuple((each.path, sentence) for each in mended for sentence in each.left),
        given.change.project,
    )


class Mending(NamedTuple):
    """Patches by which the contracts of a change follow it, or acknowledge it."""

    patches: tuple[ContractPatch, ...] = ()  # they follow
    acknowledging: tuple[Acknowledging, ...] = ()  # they acknowledge, which only an owner can decide


def mending(given: Input) -> Mending:
    """What `sync_contracts` would write, file by file, and what would acknowledge the change instead.

    For a report that says which contracts are behind, of the change that was judged. Nothing where it cannot
    be worked out: the report is what counts.
    """
    try:
        made = _synced(given)
        return Mending(
            tuple(ContractPatch(each.path, patch([each])) for each in made.changes), _acknowledging(given)
        )
    except CannotJudge:
        return Mending()


def _acknowledging(given: Input) -> tuple[Acknowledging, ...]:
    """For each contract that is behind, what would acknowledge all that an acknowledgement can be about."""
    tree = given.change.head
    vendored = _vendored(tree, given.change.project)
    late = [part.change.late() for part in given.parts]
    made: list[Acknowledging] = []
    for contract in given.contracts.head.contracts:
        if contract.path in vendored:
            continue
        entries: tuple[Entry, ...] = ()
        for part, outcomes in zip(given.parts, late, strict=True):
            about = outcomes.get(contract.id, [])
            own = part.contracts.head.by_id(contract.id)
            if own is None or not about:
                continue
            # One that base has acknowledged, or that the settings do not let count, would change nothing.
            named = to_acknowledge(own, about, part.contracts.head)
            entries += tuple(each for each in named if _suffices(part, own, each, about))
        entries = tuple(dict.fromkeys(entries))
        if entries:
            diff = _acknowledging_diff(contract, Written(tree.read(contract.path)), entries)
            made.append(Acknowledging(contract.id, contract.path, entries, diff))
    return tuple(made)


def _suffices(part: Part, contract: Contract, entry: Entry, outcomes: Sequence[Outcome]) -> bool:
    """Whether the contract is up to date for a revision once it acknowledges it."""
    table, revision = entry
    tables = tuple(
        each._replace(acknowledges=(*each.acknowledges, Acknowledgement(revision, 0, "agreed")))
        if each.name == table
        else each
        for each in contract.tables
    )
    head = part.contracts.head
    now = head._replace(
        contracts=tuple(
            contract._replace(tables=tables) if each.id == contract.id else each for each in head.contracts
        )
    )
    about = [outcome for outcome in outcomes if outcome.revision == revision]
    judged = judge(about, part.contracts.base, now, part.change.agreed)
    return not any(each.contract == contract.id for judgement in judged for each in judgement.behind)


def _acknowledging_diff(contract: Contract, written: Written, entries: Sequence[Entry]) -> str:
    """The patch; "" where the text has no place for it, or would come to say something else."""
    try:
        after = acknowledged(written.plain, entries)
        said = parse_contract(acknowledged(written.plain, entries, "agreed").encode(), contract.path)
    except (CannotJudge, KeyError, ValueError, IndexError):
        return ""
    tables = {each.name: each for each in said.tables}
    if any(tables[table].acknowledgement(revision) is None for table, revision in entries):
        return ""
    return patch([(contract.path, written.text, written.again(after))])


def sync_vendored(
    project: Path,
    checkout: Path,
    *,
    repository: str | None = None,
    add: Sequence[tuple[str, str]] = (),
    environ: Mapping[str, str],
) -> Synced:
    """Vendored files and their lock as a local clone has them at its last commit."""
    tree, prefix = resolve_tree(project, None, environ)
    lock = read_lock(tree, prefix) or VendoringLock(posixpath.join(prefix, LOCK))
    refreshed = refresh(lock, checkout, environ, repository, add)
    files = {posixpath.join(prefix, path): data for path, data in refreshed.files.items()}
    texts = {path: data.decode("utf-8", "surrogateescape") for path, data in files.items()}
    # The lock comes last: a run that is cut off leaves files that do not match it, which is an error, and
    # not a lock that speaks of files that never came.
    texts[lock.path] = lock_text(refreshed.lock)
    changes = [FileChange(path, _held(tree, path), text) for path, text in texts.items()]
    return Synced(tuple(each for each in changes if each.before != each.after), (), prefix)


def _held(tree: Tree, path: str) -> str | None:
    return tree.read(path).decode("utf-8", "surrogateescape") if path in tree.files() else None


class Written(NamedTuple):
    """A contract's text, and what edits are made on: the same, with one kind of line ends."""

    data: bytes

    @property
    def text(self) -> str:
        """As it stands in the file."""
        return self.data.decode()

    @property
    def plain(self) -> str:
        """To be edited."""
        return (self.data.replace(b"\r\n", b"\n") if disk.has_dos_lines(self.data) else self.data).decode()

    def again(self, plain: str) -> str:
        """An edited text, with the line ends of the file."""
        return disk.with_line_ends_of(self.data, plain.encode()).decode()


def _vendored(tree: Tree, project: str) -> dict[str, str]:
    lock = read_lock(tree, project)
    return {
        posixpath.normpath(posixpath.join(project, pin.path)): pin.repository
        for pin in (lock.pins if lock else ())
    }


def _disparities(given: Input, part: Part, contract: Contract) -> list[Disparity]:
    """What of a contract the schema of head contradicts."""
    state = head_state(given.change.head, part.contracts.head, part.schemas)
    if state.schema is None:
        return []
    return list(schema_disparities(part.contracts.head._replace(contracts=(contract,)), state.schema))
