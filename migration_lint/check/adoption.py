"""What to do next where the first look at an old project finds much: nobody mends what ran years ago."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from migration_lint.check.baseline import can_be_listed
from migration_lint.check.finding import Finding
from migration_lint.settings import Settings
from migration_lint.settings.files import OWN_FILE, PYPROJECT, SECTION
from migration_lint.wording import listed

MANY = 20  # findings; fewer are read
FREQUENT = 2  # rules that are named
_LONG = ("lock-", "validation-")  # rules about what takes long on a large table
BASELINE = "migration-lint.baseline.yaml"


def next_steps(findings: Sequence[Finding], settings: Settings, heads: Iterable[str]) -> tuple[str, ...]:
    """What to do about many findings in revisions that have run, line by line.

    Nothing where they are few, or the project has a baseline or a revision to start after. `heads` are the
    newest revisions.
    """
    if len(findings) < MANY or settings.baseline or settings.start_after:
        return ()
    listable = Counter(each.rule for each in findings if can_be_listed(each.rule))
    gate = Counter(each.rule for each in findings if not can_be_listed(each.rule))
    where = settings.path or OWN_FILE
    under = f", under [{SECTION}]" if where.endswith(PYPROJECT) else ""
    ids = [f'"{each}"' for each in heads]
    newest = ids[0] if len(ids) == 1 else f"[{', '.join(ids)}]"
    lines: list[str] = []
    if listable:
        frequent = listable.most_common(FREQUENT)
        lines += [
            f"{sum(listable.values()):,} findings can be left be, most of them of {_named(frequent)}.",
            f"To hear only of what is new, list them, and name the list in {where}{under}:",
            f"    migration-lint check --all --write-baseline {BASELINE}",
            f'    baseline = "{BASELINE}"',
            "Or leave out the revisions that there are:",
            f"    start-after = {newest}",
            "To hear no more of one rule:",
            f'    severity.{frequent[0][0]} = "off"',
        ]
        if any(each.startswith(_LONG) for each in listable) and not settings.small_tables:
            lines += ["To hear nothing of locks on tables that are never large:", '    small-tables = ["…"]']
    if gate:
        lines.append(f"No list takes what {_named(gate.most_common())} found: a contract has to follow.")
    return tuple(lines)


def _named(counted: Iterable[tuple[str, int]]) -> str:
    return listed((f"{rule} ({number:,})" for rule, number in counted), "and")
