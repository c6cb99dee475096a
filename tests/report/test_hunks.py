from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from migration_lint.report.hunks import replacements, shown_lines
from migration_lint.writing.patch import patch

from ..review.diffs import Change

#: Lines that diffs are made of, and lines that look like parts of a diff.
LINES = st.lists(
    st.sampled_from(["", " ", "a", "b", "c", "-a", "+a", "--- a", "+++ b", "@@ -1 +1 @@", "\\ No", "é\r"]),
    max_size=14,
)


@settings(max_examples=100, deadline=None)
@given(LINES, LINES)
def test_the_lines_that_a_diff_shows(before: list[str], after: list[str]) -> None:
    change = Change("".join(f"{line}\n" for line in before), "".join(f"{line}\n" for line in after))
    shown = shown_lines(change.diff())
    hunks = change.hunks()
    assert sorted(shown) == [number for hunk in hunks for number in hunk]
    lines = change.after.split("\n")
    for number, line in shown.items():
        assert line.text == lines[number - 1]
        assert line.old == change.unchanged().get(number)
        assert number in hunks[line.hunk - 1]


@settings(max_examples=100, deadline=None)
@given(LINES, LINES)
def test_replacements_make_what_the_patch_makes(before: list[str], after: list[str]) -> None:
    old = [line.rstrip("\r") for line in before]
    new = [line.rstrip("\r") for line in after]
    texts = ["".join(f"{line}\n" for line in lines) for lines in (old, new)]
    made = list(old)
    for each in reversed(replacements(patch([("a", texts[0], texts[1])]))):
        assert 1 <= each.first <= each.last
        assert tuple(made[each.first - 1 : each.last]) == each.before
        made[each.first - 1 : each.last] = each.after
    assert made == new or not old


def test_a_diff_without_line_ends_at_the_end() -> None:
    diff = patch([("a", "a\nb", "a\nc")])
    [only] = replacements(diff)
    assert (only.first, only.last, only.before, only.after) == (2, 2, ("b",), ("c",))


def test_what_breaks_off_is_not_guessed_at() -> None:
    assert sorted(shown_lines("@@ -1,5 +1,5 @@\n a\n b\n*** cut\n c\n d")) == [1, 2]
    assert shown_lines("") == {}
    assert shown_lines("Binary files differ") == {}
