"""The baseline: findings that were there when a project began, one a line, so that merges are easy.

    - {finding: 3f2a91…, rule: data-column-dropped, path: migrations/versions/0007.py, reason: ran long ago}

A contract rule cannot be in it: nothing is silent about a broken contract.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from migration_lint.change import Tree
from migration_lint.check.finding import Finding
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.settings import Settings, is_gate_rule
from migration_lint.settings.files import inside

KEYS = ("finding", "rule", "path", "reason")
REASON = "there before"

_HEAD = """\
# Findings that migration-lint does not report again. `migration-lint check --all --write-baseline` writes
# this file anew and keeps the reasons; a line that is taken out is reported again.
"""


class Entry(NamedTuple):
    """One finding that is not reported again."""

    finding: str  # its fingerprint
    rule: str
    path: str
    reason: str


class Silenced(NamedTuple):
    """What is left after a baseline."""

    findings: tuple[Finding, ...]
    listed: int  # how many it took away
    stale: tuple[Entry, ...]  # entries that silenced nothing


def read_baseline(tree: Tree, project: str, settings: Settings) -> tuple[Entry, ...]:
    """The entries of the file that the configuration names; none where it names none.

    Raises CannotJudge where the file is missing, and with everything that is wrong in it.
    """
    if not settings.baseline:
        return ()
    path = inside(project, settings.baseline)
    if path not in tree.files():
        raise CannotJudge(
            Problem(
                f"the baseline {settings.baseline} is not there",
                settings.path,
                settings.lines.get("baseline", 0),
                fix=f"write it: `migration-lint check --all --write-baseline {settings.baseline}`",
            )
        )
    return parse(path, tree.read(path))


def parse(path: str, data: bytes) -> tuple[Entry, ...]:
    """The entries of a baseline. Raises CannotJudge with everything that is wrong."""
    if all(line.startswith(b"#") or not line.strip() for line in data.splitlines()):
        return ()
    # Few projects have one, and what contracts say is kept.
    from migration_lint.yaml_document import Broken, ListNode, MappingNode, Node, Scalar, read_document

    document = read_document(path, data, "baseline")
    problems = list(document.problems)

    def say(at: Node, message: str, fix: str) -> None:
        if not isinstance(at, Broken):
            problems.append(document.problem(at, message, fix))

    entries: list[Entry] = []
    root = document.root
    if not isinstance(root, ListNode):
        say(root, "a baseline is a list", "begin each entry with `- `")
    for node in root.items if isinstance(root, ListNode) else ():
        said = {key.text: value for key, value in node.pairs} if isinstance(node, MappingNode) else {}
        if set(said) != set(KEYS) or not all(isinstance(each, Scalar) for each in said.values()):
            say(node, "an entry has a finding, a rule, a path and a reason", "write it anew, or take it out")
            continue
        texts = [each.text.strip() if isinstance(each, Scalar) else "" for each in map(said.get, KEYS)]
        entry = Entry(*texts)
        if is_gate_rule(entry.rule):
            say(
                node,
                f"{entry.rule} cannot be in a baseline",
                "take it out; a contract that has nothing to change acknowledges the revision",
            )
        elif not entry.reason:
            say(node, "an entry without a reason", "say why it is not to be reported")
        entries.append(entry)
    if problems:
        raise CannotJudge.of(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return tuple(entries)


def silence(findings: Iterable[Finding], entries: Sequence[Entry]) -> Silenced:
    """The findings that no entry lists. An entry counts for its own rule only."""
    findings = tuple(findings)
    listed = {(entry.finding, entry.rule) for entry in entries}
    kept = tuple(each for each in findings if (each.fingerprint, each.rule) not in listed)
    there = {(each.fingerprint, each.rule) for each in findings}
    stale = tuple(entry for entry in entries if (entry.finding, entry.rule) not in there)
    return Silenced(kept, len(findings) - len(kept), stale)


def write(findings: Iterable[Finding], earlier: Iterable[Entry]) -> str:
    """The text of a baseline that lists the findings, with the reasons that `earlier` entries gave.

    A finding of a contract rule, or about a suppression, is left out: it goes on being reported.
    """
    reasons = {(entry.finding, entry.rule): entry.reason for entry in earlier}
    entries = sorted(
        {
            Entry(each.fingerprint, each.rule, each.path, reasons.get((each.fingerprint, each.rule), REASON))
            for each in findings
            if can_be_listed(each.rule)
        },
        key=lambda entry: (entry.path, entry.rule, entry.finding),
    )
    return _HEAD + "".join(
        "- {" + ", ".join(f"{key}: {_yaml(value)}" for key, value in zip(KEYS, entry, strict=True)) + "}\n"
        for entry in entries
    )


def can_be_listed(rule: str) -> bool:
    """Whether a baseline may list findings of the rule."""
    return not is_gate_rule(rule) and not rule.startswith("suppression-")


def _yaml(text: str) -> str:
    # What stands in quotes is a text whatever it looks like: 12e4, null, a date.
    return json.dumps(text, ensure_ascii=False)
