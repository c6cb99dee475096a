"""What is otherwise on Bitbucket Cloud."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from migration_lint.errors import CannotJudge
from migration_lint.review.bitbucket_markup import from_bitbucket, to_bitbucket
from migration_lint.review.marker import About, marked, marker_of

from .benches import BitbucketBench, sent
from .bitbucket_host import BOT
from .samples import DROPPED, HEAD, many, report


@pytest.fixture
def bitbucket() -> Iterator[BitbucketBench]:
    bench = BitbucketBench()
    yield bench
    bench.host.server.stop()
    assert not bench.host.server.trouble


def test_the_marker_is_a_definition_that_nothing_refers_to() -> None:
    """HTML would be seen by everybody there."""
    comment = marked(About("x", "k"), "said")
    raw = to_bitbucket(comment)
    assert raw.startswith("[//]: # (migration-lint/v1 name=x key=k")
    assert raw.endswith(")\n\nsaid")
    assert marker_of(from_bitbucket(raw)) == marker_of(comment)
    assert from_bitbucket(raw.replace("\n", "\r\n")).endswith("said")


@pytest.mark.parametrize(
    ("markdown", "raw"),
    [
        ("a\\_b \\<c\\> \\&amp; \\~x", "a\\_b &#60;c\\> &#38;amp; &#126;x"),
        ("one<br>two", "one · two"),
        ("`a\\<b` \\<", "`a\\<b` &#60;"),
        ("```\n\\<br> <br>\n```\n\\<", "```\n\\<br> <br>\n```\n&#60;"),
        ("\\`<br>\\`", "\\` · \\`"),
    ],
)
def test_what_a_backslash_does_not_escape_there_is_a_character_reference(markdown: str, raw: str) -> None:
    assert to_bitbucket(markdown) == raw


def test_a_commit_may_be_named_by_its_first_digits(bitbucket: BitbucketBench) -> None:
    tally = bitbucket.review(report([DROPPED], []), commit=HEAD[:12])
    assert tally.posted == 1


def test_a_token_that_may_not_read_its_user_is_told_who_it_is(bitbucket: BitbucketBench) -> None:
    bitbucket.host.may_read_user = False
    with pytest.raises(CannotJudge, match="BITBUCKET_USER_UUID"):
        bitbucket.review(report([DROPPED], []))
    told = {"BITBUCKET_USER_UUID": BOT}
    assert bitbucket.review(report([DROPPED], []), told).posted == 1
    asked = len(bitbucket.host.server.log)
    bitbucket.review(report([DROPPED], []), told)
    assert sent(bitbucket, asked) == []


def test_code_insights_have_a_report_that_is_made_once(bitbucket: BitbucketBench) -> None:
    assert bitbucket.review(report([DROPPED, *many(120)], []), check_run=True).check_run
    [there] = bitbucket.host.reports.values()
    assert (there["result"], there["details"]) == ("FAILED", "1 error, 120 warnings in 1 revision")
    [annotations] = bitbucket.host.annotations.values()
    assert len(annotations) == 121
    assert annotations[0]["summary"].startswith("contract-column-dropped: deployment_events.hint is dropped")
    asked = len(bitbucket.host.server.log)
    assert not bitbucket.review(report([DROPPED, *many(120)], []), check_run=True).check_run
    assert sent(bitbucket, asked) == []
    bitbucket.review(report([], []), check_run=True)
    assert [each["result"] for each in bitbucket.host.reports.values()] == ["PASSED"]
    assert bitbucket.host.annotations == {}
