"""Which thread is about which finding, whatever becomes of lines, files, words and tokens."""

from __future__ import annotations

import pytest

from .benches import Bench, GitLabBench, sent
from .diffs import Change
from .samples import AUDIT, CONSUMER, DROPPED, FILES, MENDED, MIGRATION, SCRIPT, report

SECOND = "2" * 40


def after(**edits: str) -> dict[str, Change]:
    """The change with another script."""
    script = SCRIPT
    for old, new in edits.items():
        script = script.replace(old, new)
    return {**FILES, MIGRATION: Change("", script)}


def test_a_line_that_was_edited_keeps_its_thread(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.reply(0, "is that so?")
    files = after(**{'"hint")': '"hint", schema=None)'})
    bench.push(files, SECOND)
    [said] = bench.lines()
    assert said.line is None or bench.kind == "azure-devops"  # outdated
    texts = {path: change.after for path, change in files.items()}
    tally = bench.review(report([DROPPED], [], commit=SECOND, files=texts))
    [said] = bench.lines()
    assert (tally.posted, tally.updated, said.resolved) == (0, 1, False)
    # The others do not say that it is outdated: it is in line 8 still.
    assert ("Now in line 8." in said.body) == (bench.kind in ("github", "gitlab", "gitea"))
    again = len(bench.host.server.log)
    bench.review(report([DROPPED], [], commit=SECOND, files=texts))
    assert sent(bench, again) == []


def test_a_renamed_file_keeps_its_threads(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    renamed = MIGRATION.replace("b2", "b2_drop_hint")
    bench.push({CONSUMER: FILES[CONSUMER], renamed: FILES[MIGRATION]}, SECOND)
    moved = DROPPED._replace(path=renamed, fingerprint="9" * 32)
    files = {renamed: SCRIPT}
    tally = bench.review(report([moved], [], commit=SECOND, files=files))
    [said] = bench.lines()
    assert (tally.posted, said.resolved) == (0, False)
    assert f"Now in line 8 of the file `{renamed}`." in said.body


def test_other_words_on_another_line_keep_the_thread(bench: Bench) -> None:
    bench.review(report([DROPPED, AUDIT], []))
    files = after(**{'"hint")': '"hint", schema=None)', "def upgrade": "x = 1\n\n\ndef upgrade"})
    bench.push(files, SECOND)
    words = DROPPED._replace(
        message="deployment_events.hint is dropped, but api.consumer did not change with it",
        line=11,
        end_line=11,
        fingerprint="9" * 32,
    )
    texts = {path: change.after for path, change in files.items()}
    audit = AUDIT._replace(line=17, end_line=17)
    tally = bench.review(report([words, audit], [], commit=SECOND, files=texts))
    assert (tally.posted, tally.resolved, len(bench.lines())) == (0, 0, 2)


def test_what_people_resolved_stays_so_in_other_words_too(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.resolve(0)
    words = DROPPED._replace(message="hint is dropped, and api.consumer reads it", fingerprint="9" * 32)
    tally = bench.review(report([words], []))
    [said] = bench.lines()
    assert (tally.posted, said.resolved) == (0, True)


def test_what_people_resolved_does_not_swallow_another_finding(bench: Bench) -> None:
    """The same rule, revision and table, another column."""
    bench.review(report([DROPPED], []))
    bench.resolve(0)
    other = DROPPED._replace(
        message="deployment_events.kind is dropped",
        element="kind",
        fingerprint="9" * 32,
        line=14,
        end_line=14,
    )
    bench.review(report([other], []))
    first, second = bench.lines()
    assert "**Fixed:**" in first.body
    assert (second.line, second.resolved) == (14, False)


def test_an_answer_keeps_its_thread_when_the_finding_is_gone_and_back(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.reply(0, "is that so?")
    bench.review(report([], []))
    bench.review(report([DROPPED], []))
    [said] = bench.lines()
    assert (said.resolved, "**error**" in said.body) == (False, True)


def test_what_people_resolved_stays_so_when_the_finding_is_gone_and_back(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.resolve(0)
    bench.review(report([], []))
    bench.push(after(**{'"hint")': '"hint", schema=None)'}), SECOND)  # its line is gone too
    tally = bench.review(report([DROPPED], [], commit=SECOND))
    [said] = bench.lines()
    assert (tally.posted, said.resolved, "**error**" in said.body) == (0, True, True)


def test_what_the_bot_resolved_does_not(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.review(report([], []))
    bench.push(after(**{'"hint")': '"hint", schema=None)'}), SECOND)
    bench.review(report([DROPPED], [], commit=SECOND))
    assert [each.resolved for each in bench.lines()] == [True, False]
    assert bench.lines()[1].line == 8


@pytest.mark.hosts("github", "gitlab", "azure-devops")  # the others have no suggestions
def test_a_withdrawn_suggestion_is_no_click_away(bench: Bench) -> None:
    bench.review(report())
    bench.push({**FILES, CONSUMER: Change(FILES[CONSUMER].before, MENDED)}, SECOND)
    bench.review(report([AUDIT], [], commit=SECOND))
    closed = [each for each in bench.lines() if each.path == CONSUMER]
    assert len(closed) == 2
    assert all(each.resolved and "suggestion\n" not in each.body for each in closed)


def test_projects_of_one_repository_leave_each_others_threads_alone(bench: Bench) -> None:
    bench.review(report([DROPPED], [], project="shop"))
    bench.review(report([DROPPED], [], project="services/billing"))
    assert (len(bench.lines()), len(bench.summaries())) == (2, 2)
    assert "`services/billing`" in bench.summaries()[1]
    bench.review(report([], [], project="shop"))
    assert [each.resolved for each in bench.lines()] == [True, False]


def test_another_token_says_nothing_again(bench: Bench) -> None:
    bench.review(report([DROPPED, AUDIT], []))
    bench.other_token()
    tally = bench.review(report([DROPPED, AUDIT], []))
    assert (tally.posted, tally.updated, tally.deleted) == (0, 0, 0)
    assert len(bench.lines()) == 2
    # What it cannot change, because it is not its own, the summary says.
    tally = bench.review(report([DROPPED], []))
    assert [each.resolved for each in bench.lines()] == [False, True]
    assert "could not be brought up to date" in bench.summaries()[-1]
    asked = len(bench.host.server.log)
    bench.review(report([DROPPED], []))
    assert sent(bench, asked) == []


def test_what_another_token_closed_hides_no_finding(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.reply(0, "is that so?")
    bench.review(report([], []))
    bench.other_token()
    tally = bench.review(report([DROPPED], []))
    assert (tally.posted, [each.resolved for each in bench.lines()]) == (1, [True, False])


@pytest.mark.hosts("github", "gitlab", "gitea", "bitbucket")  # Azure DevOps does not say who resolved it
def test_a_comment_of_another_token_that_was_resolved_is_opened_again(bench: Bench) -> None:
    bench.review(report([DROPPED], []))
    bench.other_token()
    bench.review(report([], []))
    assert [each.resolved for each in bench.lines()] == [True]
    tally = bench.review(report([DROPPED], []))
    assert (tally.posted, [each.resolved for each in bench.lines()]) == (0, [False])


def test_comments_of_another_token_that_are_out_of_date_are_told(bench: Bench) -> None:
    bench.review(report([DROPPED, AUDIT], []))
    bench.other_token()
    bench.host.may_resolve = False
    tally = bench.review(report([DROPPED], []))
    said = "1 comment of another token is about what is not found any more"
    assert any(note.startswith(said) for note in tally.notes)
    assert said in bench.summaries()[-1]


def test_gitlab_changes_threads_one_by_one_where_graphql_is_not_to_be_had() -> None:
    bench = GitLabBench()
    bench.host.knows_graphql = False
    bench.review(report([DROPPED, AUDIT], []))
    tally = bench.review(report([AUDIT._replace(fix="keep it")], []))
    assert (tally.resolved, tally.updated) == (1, 1)
    first, second = bench.lines()
    assert (first.resolved, "**Fixed:**" in first.body, "keep it" in second.body) == (True, True, True)
    bench.host.server.stop()
    assert not bench.host.server.trouble


def test_two_runs_at_once_end_in_one_set_of_threads(bench: Bench) -> None:
    """The second one looks before the first one has written, and writes after it."""
    expected = type(bench)()
    expected.review(report())
    expected.host.server.stop()
    begun = False

    def meanwhile(number: int, asked: object) -> None:
        nonlocal begun
        if not begun and asked.writes:  # type: ignore[attr-defined]
            begun = True
            bench.host.server.faults = lambda number, asked: None
            bench.review(report())

    bench.host.server.faults = meanwhile
    bench.review(report())
    assert begun
    assert (
        bench.host.said()["lines" if bench.kind == "gitlab" else "comments"]
        == expected.host.said()["lines" if bench.kind == "gitlab" else "comments"]
    )
    open_summaries = [each for each in bench.summaries() if "state=open" in each]
    assert len(open_summaries) == 1
    asked = len(bench.host.server.log)
    bench.review(report())
    assert sent(bench, asked) == []
