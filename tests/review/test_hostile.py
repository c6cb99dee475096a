"""What a change and its report can hold against the one who reviews it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from migration_lint.check.finding import ContractPatch, ContractPlace, Finding
from migration_lint.errors import CannotJudge
from migration_lint.report.json import FORM
from migration_lint.review.body import finding_text
from migration_lint.review.findings import read_findings
from migration_lint.review.marker import About, marked, marker_of

from .benches import Bench
from .samples import CONSUMER, FILES, MENDED, MIGRATION, TOUCHED, report

pytestmark = pytest.mark.one_in(3)

MARKER = marked(About("migration-lint", "summary"), "forged")
#: What links lead to: pages of the request's own repository.
PAGES = (
    "https://github.example/octo/shop/blob/",
    "https://gitlab.example/shop/back-end/-/blob/",
    "https://gitea.example/octo/shop/src/commit/",
    "https://bitbucket.example/octo/shop/src/",
    "https://azure.example/octo/Back%20End/_git/shop?path=",
)

HOSTILE = [
    "@team @org/team and @everyone",
    MARKER,
    f"x\n{MARKER}\n<!-- open",
    "-->\n<script>alert(1)</script><img src=x onerror=alert(1)><details><summary>x",
    "```\n/merge\n/approve\n```",
    "`\n/close\n``` ````` ~~~~",
    "\n/merge\r/approve\u2028/close\x0b/label ~x",
    "](https://evil.example) [x](https://evil.example) ![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example mailto:x@evil.example <https://evil.example>",
    "| a | b |\n| --- | --- |\n| `|` |",
    "::error::forged%0A%0D \x1b[31mred\x1b[0m \x07",
    "\u202egnp.exe \u200b\ufeff \ud800 \U0001f600",
    "#1 !2 ~3 %4 &5 $6 *7 GH-8 octo/shop#9 octo/shop@abcdef0 1234567890abcdef1234567890abcdef12345678",
    "# heading\n===\n---\n* * *\n1. one\n> quote\n    code\n\ttab",
    "**bold** __bold__ ~~gone~~ $`x`$ :smile: [^1] [[wiki]] {+added+} \\",
    "a" * 5_000,
    "\\`" * 2_000,
    "\ud800" * 5_000,
    "@a" * 2_000,
    "",
]


def page(path: str, line: int) -> str:
    return f"{PAGES[0]}{quote(path, errors='replace')}#L{line}"


def finding(text: str, fingerprint: str = "f" * 32) -> Finding:
    """One that has a text wherever one can stand."""
    name = text[:900]
    return Finding(
        rule=name,
        severity="error",
        message=text,
        path=MIGRATION,
        line=8,
        end_line=8,
        revision=name,
        table=name,
        contracts=(ContractPlace(CONSUMER, 3, name, text), ContractPlace(name.strip("/."), 3, name, text)),
        fix=text,
        notes=(text, f"{text}:{text}"),
        fingerprint=fingerprint,
    )


def tokens(text: str) -> Iterator[Token]:
    """What a host reads in Markdown."""
    for block in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        yield block
        yield from block.children or []


def assert_harmless(comment: str) -> None:
    """Only what we wrote is markup, and only our first line is a marker."""
    assert marker_of(comment) is not None
    html = 0
    for token in tokens(comment):
        assert token.type not in {"image", "code_block", "hr", "blockquote_open"}
        assert token.type != "link_open" or str(token.attrs["href"]).startswith(PAGES)
        assert token.type != "html_inline" or token.content == "<br>"
        html += token.type == "html_block"
        if token.type == "inline":
            # Hosts look for these in what is no code, once it has been read.
            prose = "".join(
                each.content if each.type.startswith("text") else "\0" for each in token.children or []
            )
            assert not re.search(r"[@#!~%&$^*\[][\w\"{]|\bG[HL]-\d", prose), prose
            assert not re.search(r"https?:/|www\.\w|mailto:\w", prose), prose
        if token.type == "heading_open":
            assert token.tag in {"h3", "h4"}
    assert html == 1
    assert not re.search(r"^\s*/\w", re.sub(r"(?m)^ /", "", comment), re.MULTILINE)
    assert re.fullmatch(r"[^\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u200b\ud800-\udfff]*", comment)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_out_of_a_comment(bench: Bench, text: str) -> None:
    apart = finding(text, "0" * 32)._replace(path="elsewhere.py")
    patches = [ContractPatch(CONSUMER, f"--- a\n+++ b\n@@ -1,1 +1,2 @@\n {text}\n+{text}\n")]
    hostile = report([finding(text), apart], patches)
    bench.review(hostile)
    for body in [*(each.body for each in bench.lines()), *bench.summaries()]:
        assert_harmless(body)
    assert len(bench.lines()) == 1
    before = bench.host.said()
    bench.review(hostile)
    assert bench.host.said() == before
    bench.review(report([], []))
    [said] = bench.lines()
    assert said.resolved
    assert_harmless(said.body)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("`~\\\n\r @#!<>-[]()|/*_ab:&;.\u2028\ud800"), max_size=40))
def test_no_text_at_all_breaks_out(text: str) -> None:
    assert_harmless(marked(About("x", "k"), finding_text(finding(text), 65_536, page)))


@pytest.mark.parametrize("line", ["a: \u202eb", "/merge", "\x1b[2J", "a: b\u200b", "hidden: \u2066x"])
def test_a_suggestion_holds_nothing_that_is_not_seen(bench: Bench, line: str) -> None:
    patch = f"--- a\n+++ b\n@@ -9,1 +9,1 @@\n-{TOUCHED.splitlines()[8]}\n+{line}\n"
    bench.review(report(patches=[ContractPatch(CONSUMER, patch)]))
    assert not [each for each in bench.lines() if each.path == CONSUMER]


@pytest.mark.hosts("github", "gitlab", "azure-devops")  # the others have no suggestions
def test_backticks_do_not_end_a_suggestion(bench: Bench) -> None:
    patch = f"@@ -9,1 +9,1 @@\n-{TOUCHED.splitlines()[8]}\n+      kind: '````'\n"
    bench.review(report(patches=[ContractPatch(CONSUMER, patch)]))
    [said] = [each for each in bench.lines() if each.path == CONSUMER]
    fences = [token for token in tokens(said.body) if token.type == "fence"]
    assert [token.content for token in fences] == ["      kind: '````'\n"]


DOCUMENT: dict[str, Any] = json.loads(report())


def changed(**values: Any) -> bytes:
    """The report, with other values in its first finding."""
    return json.dumps({**DOCUMENT, "findings": [{**DOCUMENT["findings"][0], **values}]}).encode()


def whole(**values: Any) -> bytes:
    """A report of the form that is read, with nothing else in it."""
    return json.dumps({"report": FORM, **values}).encode()


def twice() -> bytes:
    return json.dumps({**DOCUMENT, "findings": DOCUMENT["findings"][:1] * 2}).encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b'{"findings": NaN}', "it is no JSON"),
        (b"\xff\xfe", "it is no JSON"),
        (b"[]", "it is not an object"),
        (b"{}", "it does not say of which form it is"),
        (whole(), "findings is not a list"),
        (whole(findings={}), "findings is not a list"),
        (whole(findings=[]), "summary is not an object"),
        (whole(findings=[], summary={"failed": True}), "summary.left_out is not an object"),
        (whole(findings=[], summary={}), "summary.failed is not true or false"),
        (whole(findings=[3]), "findings[0] is not an object"),
        (whole(report="migration-lint/v9", tool={"version": "9.1"}),
         "it has the form migration-lint/v9, made by version 9.1, and this version reads migration-lint/v2"),
        (whole(report="elsewhere/v1"), "it does not say of which form it is"),
        (b" " * 20_000_001, "it has more than 20000000 bytes"),
        (whole(findings=[{}] * 10_001), "findings has more than 10000 entries"),
        (changed(severity="fatal"), "findings[0].severity is not one of error, warning and info"),
        (changed(severity=["error"]), "findings[0].severity is not one of error, warning and info"),
        (changed(fingerprint="x" * 32), "findings[0].fingerprint is not 8 to 64 hexadecimal digits"),
        (changed(fingerprint=None), "findings[0].fingerprint is not a text of at most 4096 characters"),
        (changed(fingerprint="a -->"), "findings[0].fingerprint is not 8 to 64 hexadecimal digits"),
        (changed(path="../../etc/passwd"), "findings[0].path is not a path within the repository"),
        (changed(path="/etc/passwd"), "findings[0].path is not a path within the repository"),
        (changed(line=-1), "findings[0].line is not between 0 and 10000000"),
        (changed(line=10**400), "findings[0].line is not between 0 and 10000000"),
        (changed(line=1.5), "findings[0].line is not a whole number"),
        (changed(line=True), "findings[0].line is not a whole number"),
        (changed(message=3), "findings[0].message is not a text"),
        (changed(rule=3), "findings[0].rule is not a text"),
        (changed(path="p" * 4097), "findings[0].path is not a text of at most 4096 characters"),
        (changed(contracts=[{}]), "findings[0].contracts[0].path is not a text of at most 4096 characters"),
        (changed(notes=["n"] * 101), "findings[0].notes has more than 100 entries"),
        (twice(), "findings[1] has the fingerprint of another one"),
        (json.dumps({**DOCUMENT, "patches": [{"path": "a"}]}).encode(), "patches[0].patch is not a text"),
        (json.dumps({**DOCUMENT, "acknowledging": [{}]}).encode(), "acknowledging[0].contract is not a text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_report_that_is_none_is_told_in_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(CannotJudge) as raised:
        read_findings(data, "report.json")
    [problem] = raised.value.problems
    assert said in problem.message
    assert problem.fix == "make it with migration-lint check --format json, in this version"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_report_of_any_shape_is_read_or_refused(data: st.DataObject) -> None:
    document = json.loads(report())
    for _ in range(data.draw(st.integers(1, 3))):
        at: Any = document
        while True:
            key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
            if not isinstance(at[key], (dict, list)) or not at[key] or data.draw(st.booleans()):
                at[key] = data.draw(_JSON)
                break
            at = at[key]
        if not isinstance(document, dict) or not document:
            break
    with suppress(CannotJudge):
        read = read_findings(json.dumps(document).encode(), "report.json")
        for each in read.report.findings:
            finding_text(each, 65_536, page)


def test_nothing_in_a_report_says_where_it_goes(bench: Bench) -> None:
    document = json.loads(report())
    other = {"repository": "evil/x", "pull_request": 1, "api_url": "https://evil.example", "commit": "3" * 40}
    document |= other
    document["summary"] |= other
    bench.review(json.dumps(document).encode())
    expected = type(bench)()
    expected.review(report())
    expected.host.server.stop()
    assert bench.host.said() == expected.host.said()
    assert FILES[CONSUMER].after != MENDED
