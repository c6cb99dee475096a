"""Where comments stand when what was judged is not the request's head, but a merge of it."""

from __future__ import annotations

import pytest

from migration_lint.errors import CannotJudge
from migration_lint.review.place import Policy

from .benches import Bench
from .diffs import Change
from .samples import (
    ALL,
    AUDIT,
    CONSUMER,
    CONTRACT,
    DROPPED,
    FILES,
    HEAD,
    MENDED,
    MIGRATION,
    RENAMED,
    SCRIPT,
    TOUCHED,
    report,
)  # fmt: skip

MERGE = {"commit": "5" * 40, "parents": ("6" * 40, HEAD)}
#: The target has two more lines at the top of every file.
ABOVE = "# one\n# two\n"
MERGED = {path: ABOVE + change.after for path, change in FILES.items()}


def below(*findings: object) -> list[object]:
    """Findings as the merge has them: two lines further down."""
    return [
        each._replace(  # type: ignore[attr-defined]
            line=each.line + 2,  # type: ignore[attr-defined]
            end_line=each.end_line + 2,  # type: ignore[attr-defined]
            contracts=tuple(
                place._replace(line=place.line + 2)
                for place in each.contracts  # type: ignore[attr-defined]
            ),
        )
        for each in findings
    ]


def test_each_comment_of_a_merge_stands_on_the_line_of_its_text(bench: Bench) -> None:
    bench.review(report(below(DROPPED, RENAMED, AUDIT), [], files=MERGED, **MERGE))
    assert [(each.path, each.line) for each in bench.lines()] == [
        (MIGRATION, 8),
        (MIGRATION, 13),
        (MIGRATION, 14),
    ]
    said = bench.lines()[0].body
    assert "contracts/api.consumer.yaml:11" in said  # as head counts
    assert "worker.producer" in said
    [summary] = bench.summaries()
    assert "migrations/versions/b2.py:8" in summary
    # The same comments as those of the head itself, so that nothing is said twice.
    tally = bench.review(report([DROPPED, RENAMED, AUDIT], []))
    assert tally.posted == 0


@pytest.mark.hosts("github", "gitlab", "azure-devops")  # the others have no suggestions
def test_a_suggestion_stands_on_the_lines_that_it_replaces(bench: Bench) -> None:
    from migration_lint.check.finding import ContractPatch
    from migration_lint.writing.patch import patch

    patches = [ContractPatch(CONSUMER, patch([(CONSUMER, ABOVE + TOUCHED, ABOVE + MENDED)]))]
    bench.review(report(below(*ALL), patches, files=MERGED, **MERGE))
    assert [each.line for each in bench.lines() if each.path == CONSUMER] == [9, 11]


def test_a_line_that_is_in_the_merge_alone_is_told_in_the_summary(bench: Bench) -> None:
    """What the target brought in is no line of the request."""
    merged = {**MERGED, MIGRATION: ABOVE + SCRIPT.replace('"hint")', '"hint", schema="x")')}
    bench.review(report(below(DROPPED, AUDIT), [], files=merged, **MERGE))
    assert [each.line for each in bench.lines()] == [14]
    [summary] = bench.summaries()
    assert "1 of them has no comment on a line of the diff." in summary
    assert "Lines that the diff does not show count in `555555555555`, which was judged." in summary


def test_of_lines_with_one_text_the_one_among_the_same_lines_is_taken(bench: Bench) -> None:
    twice = SCRIPT.replace(
        '    op.drop_table("audit")\n',
        '    op.drop_table("audit")\n    other()\n    op.drop_table("audit")\n    more()\n',
    )
    bench.change_files({MIGRATION: Change("", twice)})
    second = AUDIT._replace(line=16, end_line=16)
    bench.review(report(below(second), [], files={MIGRATION: ABOVE + twice}, **MERGE))
    assert [each.line for each in bench.lines()] == [16]


def test_where_nothing_tells_them_apart_no_line_gets_the_comment(bench: Bench) -> None:
    twice = "def upgrade():\n" + '    op.drop_table("audit")\n' * 9
    bench.change_files({MIGRATION: Change("", twice)})
    middle = AUDIT._replace(line=6, end_line=6)
    bench.review(report(below(middle), [], files={MIGRATION: ABOVE + twice}, **MERGE))
    assert bench.lines() == []
    assert "no comment on a line" in bench.summaries()[0]


def test_a_report_of_another_commit_is_not_shown(bench: Bench) -> None:
    with pytest.raises(CannotJudge, match="neither 111111111111 nor a merge of it"):
        bench.review(report(commit="3" * 40))
    assert bench.summaries() == []


def test_links_lead_to_the_lines_of_the_head(bench: Bench) -> None:
    bench.review(report(below(DROPPED), [], files=MERGED, **MERGE))
    pages = {
        "github": "https://github.example/octo/shop/blob",
        "gitlab": "https://gitlab.example/shop/back-end/-/blob",
        "gitea": "https://gitea.example/octo/shop/src/commit",
    }
    link = f"]({pages.get(bench.kind)}/{HEAD}/contracts/api.consumer.yaml#L11)"
    if bench.kind == "bitbucket":
        link = f"](https://bitbucket.example/octo/shop/src/{HEAD}/contracts/api.consumer.yaml#lines-11)"
    if bench.kind == "azure-devops":
        file = f"path=/contracts/api.consumer.yaml&version=GC{HEAD}&line=11&lineEnd=11"
        link = f"](https://azure.example/octo/Back%20End/_git/shop?{file}&lineStartColumn=1&lineEndColumn=1)"
    assert link in bench.lines()[0].body
    assert link in bench.summaries()[0]


def test_the_gravest_and_no_more_than_are_wanted_get_comments(bench: Bench) -> None:
    bench.review(report(), policy=Policy(most=1))
    assert [each.line for each in bench.lines() if each.path == MIGRATION] == [8]
    assert "4 of them have no comment" in bench.summaries()[0]


def test_a_summary_alone(bench: Bench) -> None:
    bench.review(report(), policy=Policy(most=0))
    assert (bench.lines(), len(bench.summaries())) == ([], 1)


def test_the_least_severity_of_a_comment(bench: Bench) -> None:
    bench.review(report(ALL, []), policy=Policy(least="error"))
    assert [each.line for each in bench.lines()] == [8, 13]


def test_contracts_stay_as_they_are_where_they_are_not_in_the_diff(bench: Bench) -> None:
    assert CONTRACT != TOUCHED
    bench.change_files({MIGRATION: FILES[MIGRATION]})
    bench.review(report(below(DROPPED), [], files=MERGED, **MERGE))
    assert "`contracts/api.consumer.yaml`" in bench.lines()[0].body  # its line is not known here


def test_a_report_of_no_commit_is_taken_for_no_head(bench: Bench) -> None:
    """Two folders were compared: what they hold may be anything."""
    with pytest.raises(CannotJudge) as raised:
        bench.review(report(commit=""))
    [problem] = raised.value.problems
    assert problem.message == "the report does not say which commit it is about"
    assert bench.host.server.log == []
