"""What only GitHub has: reviews that ask for changes, check runs, lines that it refuses."""

from __future__ import annotations

import pytest

from migration_lint.errors import CannotJudge
from migration_lint.review.transport import Request

from .benches import GitHubBench, sent
from .github_host import BOT, TOKEN, Review
from .samples import AUDIT, DROPPED, RENAMED, WHOLE, many, report
from .server import Answer, Asked, Fault

RIGHT = {"authorization": f"Bearer {TOKEN}"}


def states(bench: GitHubBench) -> list[str]:
    return [each.state for each in bench.host.reviews]


def test_new_comments_come_in_one_review(github: GitHubBench) -> None:
    github.review(report())
    assert states(github) == ["COMMENTED"]
    assert [(each.method, each.url) for each in sent(github)] == [
        ("POST", "/repos/octo/shop/pulls/7/reviews"),
        ("POST", "/repos/octo/shop/issues/7/comments"),
    ]


def test_a_report_that_fails_asks_for_changes_until_it_passes(github: GitHubBench) -> None:
    github.review(report([DROPPED], []), event="request-changes")
    assert states(github) == ["CHANGES_REQUESTED"]
    github.review(report([DROPPED, RENAMED], []), event="request-changes")
    assert states(github) == ["CHANGES_REQUESTED", "COMMENTED"]
    github.review(report([AUDIT], []), event="request-changes")  # a warning
    assert states(github)[0] == "DISMISSED"
    github.review(report([DROPPED], []), event="request-changes")
    assert states(github)[-1] == "CHANGES_REQUESTED"


def test_it_asks_for_changes_where_no_line_can_be_commented(github: GitHubBench) -> None:
    findings = [WHOLE._replace(severity="error")]
    github.review(report(findings, []), event="request-changes")
    github.review(report(findings, []), event="request-changes")
    assert states(github) == ["CHANGES_REQUESTED"]


def test_nobody_asks_themselves_for_changes(github: GitHubBench) -> None:
    github.host.own_pull = True
    tally = github.review(report([DROPPED], []), event="request-changes")
    assert states(github) == ["COMMENTED"]
    assert "own pull request" in tally.notes[0]
    assert len(github.lines()) == 1


def test_what_others_asked_for_stays(github: GitHubBench) -> None:
    github.review(report([DROPPED], []), event="request-changes")
    body = github.host.reviews[0].body
    github.host.reviews.append(Review(1, "mallory", body, "CHANGES_REQUESTED"))
    github.host.reviews.append(Review(2, BOT, "no marker", "CHANGES_REQUESTED"))
    github.review(report([], []), event="request-changes")
    assert states(github) == ["DISMISSED", "CHANGES_REQUESTED", "CHANGES_REQUESTED"]


def test_lines_that_are_refused_are_left_to_the_summary(github: GitHubBench) -> None:
    """The diff has become another one since it was read."""

    def change(number: int, asked: Asked) -> Fault | None:
        if asked.path.endswith("/reviews") and asked.method == "POST":
            github.host.files = {path: each for path, each in github.host.files.items() if "b2" not in path}
        return None

    github.host.server.faults = change
    tally = github.review(report())
    assert tally.posted == 2
    assert [each.message.partition(": ")[0] for each in tally.problems] == [
        f"GitHub takes no comment on migrations/versions/b2.py:{line}" for line in (8, 13, 14)
    ]
    assert "must be part of the diff" in tally.problems[0].message
    assert "5 of them have no comment on a line of the diff." in github.summaries()[0]
    assert len([each for each in sent(github) if each.url.endswith("/comments")]) == 6  # none of them twice


def test_a_review_in_the_making_is_told_once(github: GitHubBench) -> None:
    github.host.pending = True
    tally = github.review(report())
    [problem] = tally.problems
    assert problem.message == (f"GitHub takes none of 5 comments: {BOT} has a review that is not submitted")
    assert "submit or discard it" in problem.fix
    assert tally.posted == 0
    assert len([each for each in sent(github) if "/pulls/" in each.url]) == 1
    github.host.pending = False
    assert github.review(report()).posted == 5


def test_a_comment_that_cannot_be_changed_is_told(github: GitHubBench) -> None:
    github.review(report([DROPPED], []))
    github.host.may_edit = False
    tally = github.review(report([DROPPED._replace(fix="another")], []))
    [problem] = tally.problems
    assert "Resource not accessible by integration" in problem.message


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        (Answer(422, {"message": "Validation Failed", "errors": ["was submitted too quickly"]}), 60.0),
        (Answer(403, {"message": "You have triggered an abuse detection mechanism."}), 60.0),
    ],
)
def test_what_is_said_of_a_limit_in_other_words_is_waited_for(
    github: GitHubBench, answer: Answer, waits: float
) -> None:
    github.host.server.faults = lambda number, asked: (
        Fault(answer) if asked.writes and waits not in github.time.waits else None
    )
    tally = github.review(report([DROPPED], []))
    assert (tally.posted, tally.problems) == (1, [])
    assert waits in github.time.waits


def test_a_locked_conversation_is_told_as_one(github: GitHubBench) -> None:
    locked = Answer(403, {"message": "Unable to create comment because issue is locked."})
    github.host.server.faults = lambda number, asked: Fault(locked) if asked.writes else None
    with pytest.raises(CannotJudge, match="unlock the conversation"):
        github.review(report([DROPPED], []))


def test_what_is_closed_is_one_request_for_twenty_threads(github: GitHubBench) -> None:
    github.review(report(many(45), []))
    asked = len(github.host.server.log)
    tally = github.review(report([], []))
    assert tally.resolved == 45
    assert [each.url for each in sent(github, asked)] == [
        *["/graphql"] * 3,
        "/repos/octo/shop/issues/comments/" + str(github.host.issue[0].id),
    ]


def test_a_check_run_takes_fifty_annotations_a_request(github: GitHubBench) -> None:
    findings = [each._replace(path="other.py") for each in many(120)]
    tally = github.review(report(findings, []), check_run=True)
    assert tally.check_run
    [run] = github.host.checks
    assert (run.status, run.conclusion, len(run.annotations)) == ("completed", "neutral", 120)
    assert [each["message"] for each in run.annotations] == [each.message for each in findings]
    sizes = [
        len(each.body["output"].get("annotations", []))  # type: ignore[index,call-overload,union-attr]
        for each in sent(github)
        if "check-runs" in each.url
    ]
    assert sizes == [50, 50, 20, 0]


def test_a_check_run_is_made_once(github: GitHubBench) -> None:
    github.review(report(), check_run=True)
    asked = len(github.host.server.log)
    assert not github.review(report(), check_run=True).check_run
    assert sent(github, asked) == []
    [run] = github.host.checks
    assert run.conclusion == "failure"
    assert run.annotations[0] == {
        "path": "migrations/versions/b2.py",
        "start_line": 8,
        "end_line": 8,
        "start_column": 5,
        "end_column": 48,
        "annotation_level": "failure",
        "title": "contract-column-dropped",
        "message": DROPPED.message
        + "\ncontracts/api.consumer.yaml:11  still reads hint: {type: text, nullable: false}"
        + "\ncontracts/worker.producer.yaml:10  still writes hint: {type: text, nullable: false}"
        + "\nfix: remove hint from api.consumer and worker.producer in this change"
        + "\norder: deploy api, then worker, then this migration",
    }


def test_another_report_on_the_same_commit_is_another_check_run(github: GitHubBench) -> None:
    github.review(report(), check_run=True)
    github.review(report([], []), check_run=True)
    github.review(report([], []), check_run=True)
    assert [(each.name, each.conclusion) for each in github.host.checks] == [
        ("migration-lint", "failure"),
        ("migration-lint", "success"),
    ]


def test_a_check_run_that_was_left_in_the_middle_does_not_go_on_for_ever(github: GitHubBench) -> None:
    def cut(number: int, asked: Asked) -> Fault | None:
        return Fault(None) if "check-runs" in asked.path and asked.method == "PATCH" else None

    github.host.server.faults = cut
    with pytest.raises(CannotJudge):
        github.review(report(), check_run=True)
    github.host.server.faults = lambda number, asked: None
    github.review(report([], []), check_run=True)
    assert [(each.status, each.conclusion) for each in github.host.checks] == [
        ("completed", "neutral"),
        ("completed", "success"),
    ]


def test_without_the_right_to_make_check_runs_the_comments_are_there(github: GitHubBench) -> None:
    github.host.may_check = False
    with pytest.raises(CannotJudge, match="check runs and statuses where they are asked for"):
        github.review(report(), check_run=True)
    assert len(github.lines()) == 5


def test_a_dry_run_has_the_requests_of_everything(github: GitHubBench) -> None:
    options = {"check_run": True, "event": "request-changes"}
    findings = [DROPPED, *(each._replace(path="other.py") for each in many(60))]
    printed: list[Request] = []
    github.review(report(findings), dry=printed.append, **options)
    assert sent(github) == []
    github.review(report(findings), **options)
    [run] = github.host.checks
    url = github.host.server.url
    assert sent(github) == [
        each._replace(url=each.url.removeprefix(url).replace("{check_run_id}", str(run.id)))
        for each in printed
    ]
    assert len(printed) == 5


def test_a_body_that_github_would_refuse_is_never_sent(github: GitHubBench) -> None:
    """The server refuses what GitHub's description does not know."""
    wrong = {"body": "x", "colour": "red"}
    answer = github.host.respond(
        Asked(
            "POST",
            "/repos/octo/shop/issues/7/comments",
            {},
            RIGHT,
            wrong,
        )
    )
    assert (answer.status, "colour" in str(answer.body)) == (422, True)
    annotation = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}
    run = {
        "name": "n",
        "head_sha": "s",
        "output": {"title": "t", "summary": "s", "annotations": [annotation] * 51},
    }
    answer = github.host.respond(Asked("POST", "/repos/octo/shop/check-runs", {}, RIGHT, run))
    assert answer.status == 422


def test_a_comment_that_may_not_be_changed_is_tried_once(github: GitHubBench) -> None:
    github.review(report([DROPPED], []))
    github.host.may_edit = False
    asked = len(github.host.server.log)
    tally = github.review(report([DROPPED._replace(fix="do it")], []))
    tries = [each for each in sent(github, asked) if each.url == "/graphql"]
    assert len(tries) == 1
    [problem] = tally.problems
    assert problem.message.startswith("GitHub lets nobody change a comment of ours")
