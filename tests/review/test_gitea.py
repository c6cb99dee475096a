"""What is otherwise on Gitea and Forgejo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from migration_lint.report.hunks import shown_files

from .benches import GiteaBench, sent
from .diffs import Change
from .gitea_host import BOT, Review
from .samples import AUDIT, DROPPED, FILES, MIGRATION, report


@pytest.fixture
def gitea() -> Iterator[GiteaBench]:
    bench = GiteaBench()
    yield bench
    bench.host.server.stop()
    assert not bench.host.server.trouble


def test_what_somebody_has_not_submitted_is_not_published(gitea: GiteaBench) -> None:
    gitea.host.reviews.append(Review(1, BOT, "not yet", "PENDING"))
    tally = gitea.review(report([DROPPED], []))
    [problem] = tally.problems
    assert "has a review that is not submitted" in problem.message
    assert (tally.posted, gitea.lines()) == (0, [])
    assert "1 of them has no comment on a line of the diff." in gitea.summaries()[0]


def test_what_a_contract_should_say_is_in_the_summary(gitea: GiteaBench) -> None:
    gitea.review(report())
    assert [each.path for each in gitea.lines()] == [MIGRATION] * 3
    assert "contract sync --write" in gitea.summaries()[0]


def test_forgejo_closes_and_does_not_resolve(gitea: GiteaBench) -> None:
    gitea.host.may_resolve = False
    gitea.review(report([DROPPED], []))
    tally = gitea.review(report([], []))
    assert (tally.closed, tally.resolved) == (1, 0)
    assert "1 thread is closed, not resolved" in gitea.summaries()[0]
    asked = len(gitea.host.server.log)
    gitea.review(report([], []))
    assert sent(gitea, asked) == []


def test_a_conversation_with_an_open_comment_is_not_resolved(gitea: GiteaBench) -> None:
    """Comments on one line are one conversation."""
    other = AUDIT._replace(line=DROPPED.line, end_line=DROPPED.line)
    gitea.review(report([DROPPED, other], []))
    gitea.review(report([other], []))
    assert [("**Fixed:**" in each.body, each.resolved) for each in gitea.lines()] == [
        (True, False),
        (False, False),
    ]


def test_a_line_that_moved_is_told_by_its_text(gitea: GiteaBench) -> None:
    gitea.review(report([DROPPED], []))
    script = "# more\n" + FILES[MIGRATION].after
    gitea.push({**FILES, MIGRATION: Change("", script)}, "2" * 40)
    moved = DROPPED._replace(line=9, end_line=9)
    gitea.review(report([moved], [], commit="2" * 40, files={MIGRATION: script}))
    [said] = gitea.lines()
    assert "Now in line 9." in said.body


def test_a_whole_diff_is_read_file_by_file() -> None:
    diff = (
        'diff --git "a/b/\\303\\244 \\"x\\".py" "b/b/\\303\\244 \\"x\\".py"\n--- /dev/null\n'
        '+++ "b/b/\\303\\244 \\"x\\".py"\n@@ -0,0 +1,2 @@\n+one\n+diff --git a/x b/x\n'
        "diff --git a/with space.py b/with space.py\n--- a/with space.py\t\n+++ b/with space.py\t\n"
        "@@ -1,2 +1,2 @@ def f():\n same\n-old\n+new\n"
        "diff --git a/gone.py b/gone.py\n--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n"
        "diff --git a/old.py b/new.py\nsimilarity index 100%\nrename from old.py\nrename to new.py\n"
    )
    shown = {path: [line.text for line in lines.values()] for path, lines in shown_files(diff).items()}
    assert shown == {
        'b/\u00e4 "x".py': ["one", "diff --git a/x b/x"],
        "with space.py": ["same", "new"],
    }
