"""Comments that silence a rule at one place: `# migration-lint: ignore[rule-a, rule-b] the reason`.

A comment after code counts for the statement whose lines it stands on. One on a line of its own counts for
the next line of code, whatever other comments stand between, and for the statement that it stands inside.
One above a `with`, a loop or a function does not count for what they hold: it would go on to silence what
somebody adds there tomorrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from migration_lint.data_class import dataclass
from migration_lint.named_tuple import NamedTuple
from migration_lint.wording import near

if TYPE_CHECKING:
    from migration_lint.facts.model import Occurrence, SuppressionKind
    from migration_lint.rulebook.rule import Rule

# Texts and not compiled: almost no run needs them.
#
# Whatever is meant for us, however it is spelled: it must not be passed over in silence.
_MENTION = r"(?i)migration[-_ ]?lint(er)?\b"
_MEANT = r"(?i)migration[-_ ]?lint(er)?\s*(:|=|\s(ignore|disable|noqa|skip|allow)\b)"
_RIGHT = r"#\s*migration-lint:\s*ignore\[\s*([^\[\]]*?)\s*\]\s*(.*)"


class Suppression(NamedTuple):
    """One comment. Lines and columns count from 1."""

    path: str
    line: int
    column: int
    text: str  # the comment
    rules: tuple[str, ...]  # empty: it is malformed
    reason: str
    target: int  # the line of code that it is for: its own, or the one below


class Placed(Protocol):
    """What can be silenced: a finding."""

    @property
    def rule(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def end_line(self) -> int: ...


T = TypeVar("T", bound=Placed)


@dataclass(frozen=True, slots=True)
class Applied(Generic[T]):
    """What is left, what was silenced by which comment, and what is wrong with the comments."""

    kept: tuple[T, ...]
    suppressed: tuple[tuple[T, Suppression], ...]
    occurrences: tuple[Occurrence, ...]


def read_suppressions(path: str, data: bytes) -> tuple[Suppression, ...]:
    """The comments of a script that are meant for migration-lint, those that are malformed among them."""
    # Almost no script has one, and this is the only cost then.
    if b"lint" not in data.lower():
        return ()
    text = data.decode("utf-8-sig", "replace")
    if not re.search(_MENTION, text):
        return ()
    return tuple(_read(path, text))


def _read(path: str, text: str) -> Iterator[Suppression]:
    import io
    import tokenize

    found: list[tuple[int, int, str, bool]] = []
    code: list[int] = []  # lines on which a token of code begins
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                alone = not token.line[: token.start[1]].strip()
                if re.search(_MENTION, token.string):
                    found.append((token.start[0], token.start[1] + 1, token.string, alone))
            elif token.string.strip() and token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
                code.append(token.start[0])
    except (tokenize.TokenError, SyntaxError):
        pass  # a comment past the place that cannot be read silences nothing
    for line, column, comment, alone in found:
        if not re.search(_MEANT, comment):
            continue
        match = re.fullmatch(_RIGHT, comment)
        rules = tuple(part.strip() for part in match[1].split(",") if part.strip()) if match else ()
        target = next((number for number in code if number > line), line) if alone else line
        yield Suppression(path, line, column, comment, rules, match[2].strip() if match else "", target)


def apply(
    findings: Sequence[T], suppressions: Iterable[Suppression], rules: Mapping[str, Rule]
) -> Applied[T]:
    """Silences what the comments may silence.

    A comment that names a rule which cannot be silenced, or which does not exist, or that gives no reason,
    silences nothing by it; each of these is an occurrence of its own, and so is one that had nothing to do.
    """
    by_path: dict[str, list[Suppression]] = {}
    occurrences: list[Occurrence] = []
    for each in suppressions:
        by_path.setdefault(each.path, []).append(each)
        if not each.rules:
            occurrences.append(_occurrence("suppression_malformed", each, ""))
    kept: list[T] = []
    suppressed: list[tuple[T, Suppression]] = []
    used: set[tuple[Suppression, str]] = set()
    for finding in findings:
        by = [each for each in by_path.get(finding.path, ()) if _covers(each, finding)]
        used.update((each, finding.rule) for each in by)
        rule = rules.get(finding.rule)
        effective = next((each for each in by if each.reason and rule and rule.inline), None)
        if effective is None:
            kept.append(finding)
        else:
            suppressed.append((finding, effective))
    for group in by_path.values():
        for each in group:
            for name in dict.fromkeys(each.rules):
                kind = _wrong(each, rules.get(name), (each, name) in used)
                if kind is not None:
                    occurrences.append(_occurrence(kind, each, name, rules))
    return Applied(tuple(kept), tuple(suppressed), tuple(occurrences))


def _wrong(suppression: Suppression, rule: Rule | None, used: bool) -> SuppressionKind | None:
    if rule is None:
        return "suppression_unknown_rule"
    if not rule.inline:
        return "suppression_forbidden"
    if not used:
        return "suppression_unused"
    return None if suppression.reason else "suppression_without_reason"


def _covers(suppression: Suppression, finding: Placed) -> bool:
    if finding.rule not in suppression.rules or not finding.line:
        return False
    last = max(finding.line, finding.end_line)
    return any(finding.line <= line <= last for line in (suppression.line, suppression.target))


def _occurrence(
    kind: SuppressionKind, each: Suppression, rule: str, rules: Mapping[str, Rule] | None = None
) -> Occurrence:
    from migration_lint.facts.model import Occurrence, SuppressionEvent, SuppressionFacts

    nearest = near(rule, rules or ()) if kind == "suppression_unknown_rule" else ""
    facts = SuppressionEvent(SuppressionFacts(rule, each.reason, each.text, nearest))
    end = each.column + len(each.text)
    return Occurrence(kind, facts, each.path, each.line, each.column, each.line, end)
