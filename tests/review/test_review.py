"""What a review writes, on every host."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import pytest

from migration_lint.review import azure_devops, bitbucket_report, github_checks
from migration_lint.review.target import HostKind
from migration_lint.review.transport import Request

from .benches import BENCHES, Bench, GitHubBench, sent, shown
from .diffs import Change
from .samples import (
    ALL,
    AUDIT,
    CONSUMER,
    DROPPED,
    ELSEWHERE,
    FILES,
    MENDED,
    MIGRATION,
    RENAMED,
    SCRIPT,
    many,
    report,
)  # fmt: skip

pytestmark = pytest.mark.one_in(2)

EXPECTED = Path(__file__).parent / "expected"


def test_every_kind_of_host_is_tried() -> None:
    assert set(get_args(HostKind)) == set(BENCHES)


def test_everything_is_said_as_stored(bench: Bench) -> None:
    tally = bench.review(report())
    assert (tally.posted, tally.summary, tally.notes) == (3 + bench.suggestions, "posted", [])
    stored = EXPECTED / f"{bench.kind}.md"
    if os.environ.get("UPDATE_EXPECTED"):
        stored.write_text(shown(bench), encoding="utf-8")
    assert shown(bench) == stored.read_text(encoding="utf-8")


@pytest.mark.hosts("github", "bitbucket")
def test_annotations_are_those_of_the_gravest(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (github_checks, bitbucket_report):
        monkeypatch.setattr(module, "MOST", 2)
    bench.review(report([*many(3), DROPPED], []), check_run=True)
    made = (
        [(run.annotations, run.summary) for run in bench.host.checks]
        if isinstance(bench, GitHubBench)
        else [(*bench.host.annotations.values(), each["details"]) for each in bench.host.reports.values()]
    )
    [(annotations, said)] = made
    assert len(annotations) == 2
    assert "hint is dropped" in str(annotations[0])
    assert "2 less severe findings have no annotation" in said


@pytest.mark.hosts("azure-devops")
def test_files_that_are_not_looked_into_are_those_of_the_least_grave(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(azure_devops, "MOST_FILES", 1)
    note = AUDIT._replace(path=CONSUMER, line=10, end_line=10)
    tally = bench.review(report([note, DROPPED._replace(contracts=())], []))
    assert [each.path for each in bench.lines()] == [MIGRATION]
    assert tally.notes == ["no comment stands in 1 of 2 files: 1 at most are looked into"]


def test_nothing_is_said_twice(bench: Bench) -> None:
    bench.review(report())
    before, asked = bench.host.said(), len(bench.host.server.log)
    tally = bench.review(report())
    assert (tally.posted, tally.updated, tally.resolved, tally.summary) == (0, 0, 0, "")
    assert (bench.host.said(), sent(bench, asked)) == (before, [])


def test_nothing_is_said_where_there_is_nothing_to_say(bench: Bench) -> None:
    bench.review(report([], []))
    assert (bench.lines(), bench.summaries()) == ([], [])


def test_a_finding_that_says_something_else_is_updated(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    tally = bench.review(report([DROPPED._replace(fix="remove hint everywhere")], []))
    assert (tally.posted, tally.updated, tally.resolved, tally.summary) == (0, 1, 0, "updated")
    [said] = bench.lines()
    assert "remove hint everywhere" in said.body
    assert "remove hint from" not in said.body


def test_a_finding_in_other_words_keeps_its_thread(bench: Bench) -> None:
    bench.review(report([DROPPED, AUDIT], []))
    words = "deployment_events.hint is dropped, but api.consumer did not change with it"
    bench.review(report([DROPPED._replace(message=words, fingerprint="7" * 32), AUDIT], []))
    first, second = bench.lines()
    assert "worker" not in first.body.partition("\n- ")[0]
    assert (first.resolved, second.resolved) == (False, False)


def test_a_fixed_finding_is_resolved(bench: Bench) -> None:
    bench.review(report([DROPPED, RENAMED], []))
    tally = bench.review(report([RENAMED], []))
    assert (tally.posted, tally.updated, tally.resolved) == (0, 0, 1)
    dropped, renamed = bench.lines()
    assert dropped.resolved
    assert "**Fixed:** no longer found at `" in dropped.body
    assert not renamed.resolved
    assert "contract-column-dropped" not in bench.summaries()[0]
    # and stays as it is
    before = bench.host.said()
    bench.review(report([RENAMED], []))
    assert bench.host.said() == before


def test_the_last_finding_leaves_a_summary_that_says_so(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.review(report([], []))
    [summary] = bench.summaries()
    assert "no findings in 1 revision" in summary


def test_a_finding_that_comes_back_reopens_its_thread(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    before = bench.host.said()
    bench.review(report([], []))
    bench.review(report([DROPPED], []))
    assert bench.host.said() == before


def test_a_thread_that_people_resolved_stays_resolved(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.resolve(0)
    before = bench.host.said()
    bench.review(report([DROPPED], []))
    assert bench.host.said() == before


def test_without_the_right_to_resolve_the_comment_says_it(bench: Bench) -> None:
    bench.host.may_resolve = False
    bench.review(report([DROPPED], []))
    tally = bench.review(report([], []))
    [said] = bench.lines()
    assert "**Fixed:**" in said.body
    assert not said.resolved
    assert any("not resolve" in note for note in tally.notes)


def test_what_stands_there_twice_is_said_once(bench: Bench) -> None:
    bench.review(report([DROPPED, RENAMED], []))
    bench.copy_lines()
    bench.review(report([DROPPED, RENAMED], []))
    assert [each.resolved for each in bench.lines()] == [False, False]


@pytest.mark.hosts("github", "gitlab", "bitbucket", "azure-devops")  # Gitea shows them as one
def test_what_stands_there_twice_and_has_an_answer_is_kept(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.copy_lines()
    bench.copy_lines(2_000)
    bench.reply(1, "we know")
    bench.reply(2, "so do we")
    bench.review(report([DROPPED], []))
    first, second = bench.lines()
    assert "**Said elsewhere:**" not in first.body
    assert (second.resolved, "**Said elsewhere:**" in second.body) == (True, True)


def test_a_finding_whose_line_left_the_diff_keeps_its_thread(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.change_files({CONSUMER: FILES[CONSUMER]})
    tally = bench.review(report([DROPPED, AUDIT], []))
    [said] = bench.lines()
    assert (said.resolved, "**error**" in said.body) == (False, True)
    assert (tally.posted, tally.resolved) == (0, 0)
    assert "1 of them has no comment on a line of the diff." in bench.summaries()[0]  # the other one


@pytest.mark.hosts("github", "gitlab", "azure-devops")  # the others have no suggestions
def test_a_suggestion_that_was_taken_is_resolved(bench: Bench) -> None:
    bench.review(report())
    bench.change_files({**FILES, CONSUMER: Change(FILES[CONSUMER].before, MENDED)})
    bench.review(report(ALL, []))
    suggestions = [each for each in bench.lines() if each.path == CONSUMER]
    assert len(suggestions) == 2
    assert all(each.resolved for each in suggestions)


@pytest.mark.hosts("github", "gitlab", "azure-devops")  # the others have no suggestions
def test_a_suggestion_that_does_not_fit_any_more_cannot_be_applied(bench: Bench) -> None:
    bench.review(report())
    bench.change_files({MIGRATION: FILES[MIGRATION]})
    bench.review(report())
    suggestions = [each for each in bench.lines() if each.path == CONSUMER]
    assert len(suggestions) == 2
    assert all(each.resolved and "**Withdrawn:**" in each.body for each in suggestions)
    assert not any("```" in each.body for each in suggestions)


def test_no_suggestion_for_lines_that_are_not_as_the_report_has_them(bench: Bench) -> None:
    other = FILES[CONSUMER].after.replace("hint:", "hints:").replace("kind: ", "kinds: ")
    bench.change_files({**FILES, CONSUMER: Change(FILES[CONSUMER].before, other)})
    bench.review(report())
    assert not [each for each in bench.lines() if each.path == CONSUMER]


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", "setup.py", ".gitlab-ci.yml"])
def test_no_suggestion_for_a_file_that_is_no_contract(bench: Bench, path: str) -> None:
    change = FILES[CONSUMER]
    bench.change_files({path: change})
    text = report().decode().replace(CONSUMER, path)
    bench.review(text.encode())
    assert bench.lines() == []


def test_a_dry_run_prints_exactly_what_a_run_sends(bench: Bench) -> None:
    bench.review(report([DROPPED, AUDIT], []))
    asked = len(bench.host.server.log)
    printed: list[Request] = []
    new = report([DROPPED._replace(fix="do it"), RENAMED, ELSEWHERE])
    dry = bench.review(new, dry=printed.append)
    assert sent(bench, asked) == []
    asked = len(bench.host.server.log)
    wet = bench.review(new)
    url = bench.host.server.url
    assert [each._replace(url=each.url.removeprefix(url).partition("?")[0]) for each in printed] == sent(
        bench, asked
    )
    assert dry == wet
    assert (wet.posted, wet.updated, wet.resolved) == (1 + bench.suggestions, 1, 1)
    assert wet.summary == "updated"


def test_only_our_own_comments_count_and_only_those_with_a_marker(bench: Bench) -> None:
    bench.review(report())
    bodies = [each.body for each in bench.lines()] + bench.summaries()
    second = type(bench)()
    second.interrupt(bodies)  # with the marker, by somebody else
    second.interrupt([f"> {body}" for body in bodies])  # quoted
    foreign = len(second.lines()), len(second.summaries())
    second.review(report())
    assert len(second.lines()) == foreign[0] + 3 + bench.suggestions
    assert len(second.summaries()) == foreign[1] + 1
    second.review(report([], []))
    assert not any("Fixed" in each.body for each in second.lines()[: foreign[0]])
    second.host.server.stop()


def test_two_names_are_two_reviews(bench: Bench) -> None:
    bench.review(report([DROPPED], []), name="shop")
    bench.review(report([DROPPED], []), name="billing")
    assert (len(bench.lines()), len(bench.summaries())) == (2, 2)
    bench.review(report([], []), name="billing")
    assert [each.resolved for each in bench.lines()] == [False, True]


def test_everything_is_read_page_by_page(bench: Bench) -> None:
    bench.host.page = 2
    bench.review(report(many(11), []))
    bench.change_files({"a.txt": Change("", "a"), "b.txt": Change("", "b"), **FILES})
    before = bench.host.said()
    bench.review(report(many(11), []))
    assert bench.host.said() == before
    assert len(bench.lines()) == 11


def test_nothing_is_written_for_a_commit_that_is_not_the_head(bench: Bench) -> None:
    bench.commit_more()
    tally = bench.review(report())
    assert "is not" in tally.notes[0]
    assert sent(bench) == []


def test_a_commit_that_is_pushed_while_it_looks_is_noticed(bench: Bench) -> None:
    looks = 0

    def push(number: int, asked: object) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            bench.commit_more()

    bench.host.server.faults = push
    tally = bench.review(report())
    assert "is not" in tally.notes[0]
    assert sent(bench) == []


def test_nothing_is_written_on_a_closed_request(bench: Bench) -> None:
    bench.close()
    assert "is closed" in bench.review(report()).notes[0]
    assert sent(bench) == []


def test_very_much_to_say_keeps_within_the_limits(bench: Bench) -> None:
    findings = many(120)
    long = [each._replace(message="x" * 4_000, fix="y\n" * 2_000) for each in findings[:12]]
    long += findings[12:]
    apart = [
        each._replace(path="other.py", fingerprint=f"{place + 500:032x}") for place, each in enumerate(long)
    ]
    bench.review(report([*long, *apart], []))
    assert len(bench.lines()) == 100
    [summary] = bench.summaries()
    assert ("Left out" in summary) == (bench.kind != "gitlab")  # it takes far more
    assert max(len(summary), *(len(each.body) for each in bench.lines())) <= (
        65_536 if bench.kind != "gitlab" else 1_000_000
    )
    before = bench.host.said()
    bench.review(report([*long, *apart], []))
    assert bench.host.said() == before


@pytest.mark.hosts("github", "gitlab", "gitea", "bitbucket")  # Azure DevOps shows whole files
def test_a_script_whose_middle_is_not_shown_is_commented_where_it_is(bench: Bench) -> None:
    filler = "".join(f"        # {number}\n" for number in range(30))
    before = SCRIPT.replace('        "kind",\n', f'        "kind",\n{filler}')
    after = before.replace('op.drop_table("audit")', 'op.drop_table("other")')
    bench.change_files({MIGRATION: Change(before, after)})
    bench.review(report([RENAMED._replace(end_line=43)], []))
    [said] = bench.lines()
    assert said.line == 41


def test_a_commit_status_says_what_the_report_comes_to(bench: Bench) -> None:
    def said() -> list[tuple[str, str]]:
        return [each[1:] for each in bench.statuses()]

    assert bench.review(report([DROPPED, AUDIT], []), status=True).status == "failure"
    assert said() == [("failure", "1 error, 1 warning in 1 revision")]
    asked = len(bench.host.server.log)
    assert bench.review(report([DROPPED, AUDIT], []), status=True).status == ""
    assert sent(bench, asked) == []
    bench.review(report([DROPPED], []), status=True)
    assert said()[-1] == ("failure", "1 error in 1 revision")
    bench.review(report([], []), status=True)
    assert said()[-1] == ("success", "no findings in 1 revision")


def test_projects_of_one_repository_have_a_status_each(bench: Bench) -> None:
    bench.review(report([DROPPED], [], project="shop"), status=True)
    bench.review(report([], [], project="services/billing"), status=True)
    names = [each[0] for each in bench.statuses()]
    assert names == ["migration-lint (shop)", "migration-lint (services/billing)"]
