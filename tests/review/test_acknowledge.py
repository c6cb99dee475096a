"""What owners have agreed to, as the host records it, becomes something to apply: never more than that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migration_lint.check.finding import Acknowledging
from migration_lint.cli import main
from migration_lint.errors import CannotJudge
from migration_lint.review.host import Tally
from migration_lint.review.owners import Owners, owners_of
from migration_lint.review.place import Policy

from ..projects import CONSUMER as CONTRACT_FILE
from ..projects import PRODUCER as OTHER_FILE
from ..projects import PROJECT, Repository, revision
from .azure_devops_host import guid
from .benches import STRANGER, AzureDevOpsBench, Bench, GiteaBench, GitHubBench, GitLabBench, sent, shown
from .diffs import Change
from .samples import ACKNOWLEDGING, DROPPED, FILES, report
from .server import Answer, Fault

pytestmark = pytest.mark.one_in(2)

LABEL = "Agreed: API"
Labelling = GitHubBench | GitLabBench | GiteaBench
WITH_SUGGESTIONS = ("github", "gitlab", "azure-devops")
WITH_LABELS = ("github", "gitlab", "gitea")
SECOND = "2" * 40
ADDED = "    acknowledges:\n      b2: "


def owned(bench: Bench, label: str = "", contract: str = "api.consumer") -> Owners:
    return Owners({contract: (bench.ann,)}, {contract: label} if label else {})


def run(bench: Bench, label: str = "", made: bytes | None = None, **options: Any) -> Tally:
    """A run of the review, and another one, which has nothing to write."""
    made = report([DROPPED], [], commit=bench.host.head) if made is None else made
    options.setdefault("owners", owned(bench, label))
    tally = bench.review(made, **dict(options))
    start = len(bench.host.server.log)
    bench.review(made, **dict(options))
    assert sent(bench, start) == []
    assert not tally.problems
    return tally


def suggested(bench: Bench) -> list[str]:
    """Suggestions that are one click away."""
    return [each.body for each in bench.lines() if "```suggestion" in each.body]


def offered(bench: Bench) -> bool:
    """Whether there is an acknowledgement to be had, as a suggestion or as lines in the summary."""
    [summary] = bench.summaries()
    there = any(ADDED in each for each in suggested(bench))
    assert there == ("acknowledges it, once somebody applies it" in summary)
    return there or "  acknowledges:\n    b2: " in summary


def test_an_owners_approval_is_something_to_apply(bench: Bench) -> None:
    run(bench)
    before = shown(bench)
    assert not offered(bench)
    bench.host.approve(bench.ann)
    tally = run(bench)
    assert offered(bench)
    assert [note for note in tally.notes if "who owns" in note] == [
        f"{bench.ann}, who owns api.consumer, has approved this"
    ]
    assert len(suggested(bench)) == (bench.kind in WITH_SUGGESTIONS)
    for body in suggested(bench):
        assert f"`{bench.ann}`, who owns `api.consumer`, has approved this." in body
        assert f"approved by {bench.ann} in request 7" in body
    assert shown(bench) != before


@pytest.mark.parametrize("ends", ["push", "withdraw"])
def test_a_stale_approval_withdraws_it_by_one_edit_and_a_new_one_brings_it_back(
    bench: Bench, ends: str
) -> None:
    run(bench)
    bench.host.approve(bench.ann)
    run(bench)
    start = len(bench.host.server.log)
    if ends == "push":
        bench.push({**FILES, "readme.md": Change("a\n", "b\n")}, SECOND)
    else:
        bench.host.withdraw(bench.ann)
    run(bench)
    assert not offered(bench)
    assert suggested(bench) == []
    writes = [each for each in sent(bench, start) if "Withdrawn" in str(each.body)]
    assert len(writes) == (bench.kind in WITH_SUGGESTIONS)
    bench.host.approve(bench.ann)
    run(bench)
    assert offered(bench)


def test_what_others_approve_is_no_consent(bench: Bench) -> None:
    run(bench)
    before = shown(bench)
    bench.host.approve({"gitlab": "user14", "bitbucket": STRANGER}.get(bench.kind, "mallory"))
    run(bench)
    assert shown(bench) == before


def test_without_owners_nothing_is_asked_for(bench: Bench) -> None:
    bench.host.approve(bench.ann)
    run(bench, owners=Owners())
    asked = len(bench.host.server.log)
    run(bench, owners=owned(bench, contract="elsewhere"))
    again = len(bench.host.server.log) - asked
    run(bench, owners=Owners())
    assert len(bench.host.server.log) - asked == 2 * again
    assert not offered(bench)


def test_what_is_not_in_the_diff_is_in_the_summary(bench: Bench) -> None:
    bench.host.approve(bench.ann)
    run(bench, owners=owned(bench, contract="worker.producer"))
    [summary] = bench.summaries()
    assert "`worker.producer`, has approved this. To acknowledge it, add to" in summary
    assert "deployment_events:\n  acknowledges:\n    b2: " in summary
    assert suggested(bench) == []


def test_with_the_summary_alone_it_is_there(bench: Bench) -> None:
    bench.host.approve(bench.ann)
    run(bench, policy=Policy(most=0))
    assert bench.lines() == []
    assert offered(bench)


@pytest.mark.hosts(*WITH_LABELS)
def test_a_label_of_an_owner_counts_while_it_is_there_and_nothing_is_pushed(bench: Labelling) -> None:
    other = "user14" if bench.kind == "gitlab" else "mallory"
    run(bench, LABEL)
    bench.host.set_label(other, LABEL.upper())
    run(bench, LABEL)
    assert not offered(bench)  # anybody with the right to triage can set one
    bench.host.remove_label(other, LABEL.upper())
    bench.host.set_label(bench.ann, LABEL)
    tally = run(bench, LABEL)
    assert offered(bench)
    assert f"{bench.ann}, who owns api.consumer, has set the label {LABEL}" in tally.notes
    bench.push({**FILES, "readme.md": Change("a\n", "b\n")}, SECOND)
    run(bench, LABEL)
    assert not offered(bench)  # it was about something else
    bench.host.remove_label(bench.ann, LABEL)
    bench.host.set_label(bench.ann, LABEL)
    run(bench, LABEL)
    assert offered(bench)
    bench.host.remove_label(other, LABEL)
    run(bench, LABEL)
    assert not offered(bench)


@pytest.mark.hosts(*WITH_LABELS)
def test_a_label_that_was_deleted_is_not_there(bench: Labelling) -> None:
    bench.host.set_label(bench.ann, LABEL)
    bench.host.labels.clear()  # nothing is said of that
    run(bench, LABEL)
    assert not offered(bench)


def test_on_github_a_token_that_may_not_see_labels_says_so(github: GitHubBench) -> None:
    github.host.may_see_pushes = False
    github.host.set_label("ann", LABEL)
    tally = run(github, LABEL)
    assert not offered(github)
    assert tally.notes == [
        "no label counts: the token may not see when the head was pushed (it needs contents: read there)"
    ]
    github.host.server.faults = lambda number, asked: (
        Fault(Answer(403, {"message": "Resource not accessible"})) if asked.path.endswith("/events") else None
    )
    assert run(github, LABEL).notes == [
        "no label counts: the token may not see who has set which one (it needs issues: read)"
    ]
    github.host.approve("Ann")  # of a review it is said
    run(github, LABEL)
    assert offered(github)


def test_on_github_a_comment_after_an_approval_takes_nothing_back(github: GitHubBench) -> None:
    from .github_host import Review

    github.host.approve("ann")
    github.host.reviews.append(Review(1, "ann", "nice", "COMMENTED", github.host.head))
    run(github)
    assert offered(github)
    github.host.reviews.append(Review(2, "ann", "wait", "CHANGES_REQUESTED", github.host.head))
    run(github)
    assert not offered(github)


@pytest.mark.hosts("azure-devops")
def test_on_azure_devops_a_vote_is_as_old_as_the_host_says(bench: AzureDevOpsBench) -> None:
    """Whoever may comment can make a thread that looks like a vote of today."""
    bench.host.approve(bench.ann)
    bench.push({**FILES, "readme.md": Change("a\n", "b\n")}, SECOND)
    mallory = {"id": guid("mallory"), "descriptor": "aad.mallory"}
    bench.host.happened.append(bench.host.voted(bench.ann, 10, mallory))
    run(bench)
    assert not offered(bench)
    bench.host.happened.append(bench.host.voted(bench.ann, 10, {"id": guid(bench.ann)}))
    run(bench)
    assert offered(bench)


HOSTILE = "](x) @team `a` <b> !1"


def hostile(consumer: Acknowledging) -> Acknowledging:
    return consumer._replace(entries=((HOSTILE, HOSTILE),))


FORGED: dict[str, Callable[[Acknowledging], Acknowledging]] = {
    "another line": lambda made: made._replace(
        diff=made.diff.replace("+    acknowledges:\n", "+    retired: {hint: never}\n")
    ),
    "one more": lambda made: made._replace(
        diff=made.diff.replace("+10,5", "+10,6").replace("@@ -9,3 +9,5 @@", "@@ -9,3 +9,6 @@")
        + "+      c3: <why this is safe>\n"
    ),
    "another reason": lambda made: made._replace(diff=made.diff.replace("<why this is safe>", "because")),
    "a line less": lambda made: made._replace(
        diff=made.diff.replace("       hint", "-      hint").replace("@@ -9,3 +9,5 @@", "@@ -9,3 +9,4 @@")
    ),
    "very many spaces": lambda made: made._replace(
        diff=made.diff.replace("+      b2", f"+{' ' * 200_000}x\n+      b2").replace("+9,5 @@", "+9,6 @@")
    ),
    "very many parts": lambda made: made._replace(diff=made.diff * 1_000),
    "a name": hostile,
}


@pytest.mark.parametrize("name", FORGED)
def test_a_patch_that_does_more_is_not_offered(bench: Bench, name: str) -> None:
    """The lines in the summary are made of names alone."""
    made = FORGED[name](ACKNOWLEDGING[0])
    assert made != ACKNOWLEDGING[0]
    bench.host.approve(bench.ann)
    run(bench, made=report([DROPPED], [], acknowledging=[made]))
    assert suggested(bench) == []
    [summary] = bench.summaries()
    _, heading, part = summary.partition("#### What owners have agreed to")
    assert heading
    outside = "".join(part.split("```")[::2])
    assert HOSTILE not in outside
    assert "because" not in part
    assert "retired" not in part


def test_no_file_but_a_contract_is_spoken_of(bench: Bench) -> None:
    made = ACKNOWLEDGING[0]._replace(path=".github/workflows/ci.yml")
    bench.host.approve(bench.ann)
    run(bench, made=report([DROPPED], [], acknowledging=[made]))
    assert "owners" not in bench.summaries()[0]


def test_names_of_people_are_never_mentions(github: GitHubBench) -> None:
    github.host.approve("@team")
    run(github, owners=Owners({"api.consumer": ("@team",)}))
    for body in (*suggested(github), *github.summaries()):
        outside = "".join(body.split("`")[::2])
        assert "@team" not in outside
    assert '      b2: "approved by @team in request 7"' in suggested(github)[0]


def test_from_an_approval_to_a_gate_that_lets_the_change_pass(
    github: GitHubBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody applies both suggestions, by hand: until then the check fails as before."""
    monkeypatch.chdir(tmp_path)
    repository = Repository.new(tmp_path / "repository", PROJECT)
    base = repository.git("rev-parse", "HEAD")
    touched = {path: f"{PROJECT[path]}    description: more\n" for path in (CONTRACT_FILE, OTHER_FILE)}
    drop = revision('op.drop_column("deployment_events", "hint")')
    head = repository.commit({**drop, **touched})
    check = (
        "check",
        "repository",
        "--base",
        base,
        "--head",
        "HEAD",
        "--format",
        "json",
        "--output",
        "r.json",
    )
    assert main(list(check)) == 1
    github.host.push(
        {path: Change(PROJECT[path], text) for path, text in touched.items()}
        | {path: Change("", text) for path, text in drop.items()},
        head,
    )
    for name, value in github.host.environ.items():
        monkeypatch.setenv(name, value)
    github.host.approve("ann")
    arguments = ("review", "github", "--report", "r.json", "--pull-request", "7", "--commit", head,
                 "--owner", "api.consumer=@ann", "--owner", "worker.producer=bob",
                 "--owner", "worker.producer=ann")  # fmt: skip
    capsys.readouterr()
    assert main(list(arguments)) == 0
    out, err = capsys.readouterr()
    assert out == "5 comments posted, summary posted\n"
    assert err == (
        "note: ann, who owns api.consumer, has approved this\n"
        "note: ann, who owns worker.producer, has approved this\n"
    )
    assert main(list(check)) == 1
    for each in github.lines():
        _, fence, rest = each.body.partition("```suggestion\n")
        if fence and "acknowledges:" in rest and each.line:
            file = repository.path / each.path
            lines = file.read_text().split("\n")
            lines[each.line - 1 : each.line] = rest.rpartition("\n```")[0].split("\n")
            file.write_text("\n".join(lines))
    repository.commit({})
    assert main(list(check)) == 0


@pytest.mark.parametrize(
    ("kind", "owners", "labels", "said"),
    [
        ("github", ["api.consumer"], [], "'api.consumer' is no --owner"),
        ("github", ["=ann"], [], "'=ann' is no --owner"),
        ("github", ["api.consumer=@"], [], "'api.consumer=@' is no --owner"),
        ("github", ["a=b\u202ec"], [], "'a=b\\u202ec' is no --owner"),
        ("github", [f"a={'b' * 300}"], [], "is no --owner"),
        ("github", ["a=org/team"], [], "'org/team' is a team, and who of it agrees no host tells"),
        ("azure-devops", ["a=[Shop]\\Owners"], [], "is a team"),
        ("bitbucket", ["a=ann"], [], "'ann' is no UUID of a person"),
        ("gitlab", [], ["a=agreed"], "nobody is said to own 'a', which has a label"),
        ("gitlab", ["a=ann"], ["a"], "'a' is no --acknowledge-label"),
    ],
)
def test_options_that_name_nobody_are_told(
    kind: Any, owners: list[str], labels: list[str], said: str
) -> None:
    with pytest.raises(CannotJudge) as raised:
        owners_of(kind, owners, labels)
    assert any(said in problem.message for problem in raised.value.problems)
