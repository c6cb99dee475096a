"""Text that a change made up never becomes anything else than text, whatever the report's format."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Failure, JUnitXml
from markdown_it import MarkdownIt

from migration_lint.check.finding import ContractPlace, Finding, Report
from migration_lint.report import FORMATS, Format, render
from migration_lint.report.markdown_text import cell, code, fence, inline
from migration_lint.report.screen import visible

HOSTILE = {
    "a workflow command": "::error file=a::forged\n::set-output name=x::y",
    "an older workflow command": "##[error]forged\r##[add-path]/tmp",
    "escapes of a workflow command": "%0A::error::forged%0D%25%3A%2C",
    "line ends of all kinds": "a\nb\rc\r\nd\u2028e\u2029f\x85g\x0bh\x0ci",
    "colours and the title of a terminal": "\x1b[31mred\x1b]0;title\x07\x9b31m",
    "other control characters": "".join(map(chr, range(32))) + "\x7f\x80\ufffe",
    "half a character": "\ud800 and \udfff",
    "another direction": "\u202eevil\u202c \u2066x\u2069 \u200b\ufeff",
    "code": "`` ` ``` ```` `code`",
    "a fence": "```\n</code>\n````suggestion\nrm -rf /\n````",
    "a table": "| a | b |\n| --- | --- |\n\\| c \\\\| d |",
    "HTML": "<img src=x onerror=alert(1)> <!-- marker --> </table><details open>&lt;b&gt; \"'",
    "the end of an XML section": "]]> </failure></testcase><testcase name='x'/> &amp; &#10;",
    "mentions": "@team @example/team cc @all (@here) \\@team",
    "references": "#12 GH-12 example/repo#12 !3 ~bug %1 &4 $5 ^alert#6 [vulnerability:7] gl-8",
    "links": "[x](javascript:alert(1)) ![i](http://h/x.png) http://h www.h.example a@h.example <http://h>",
    "a command for the host": "/close\n/approve\n/label ~x",
    "lists and headings": "# h\n- a\n1. b\n> q\n---\n\tcode\n===",
    "emphasis and maths": "**b** _i_ ~~s~~ $x^2$ $$y$$",
    "JSON": '","line":1},{"rule":"x\\"',
    "a template": "${{ secrets.TOKEN }} $(id) {{7*7}} %s %(x)s {0}",
}
FIELDS = ("rule", "message", "path", "revision", "table", "fix", "note", "contract")

_RENDERER = MarkdownIt("gfm-like", {"html": True, "linkify": True})
_OF_OURS = {"h3", "h4", "table", "thead", "tbody", "tr", "th", "td", "code", "br", "em", "ul", "li", "p"}


def report_of(text: str) -> Report:
    """A report with a text at every place that a change can have a hand in."""
    place = ContractPlace(text, 3, text, f"still reads {text}; expected: {text}")
    found = Finding(
        text, "error", f"{text} is dropped", text, 3, 1, 3, 2, text, text,
        (place,), text, (f"order: {text}",), "f1", text,
    )  # fmt: skip
    other = Finding("other-rule", "warning", text, text, fix=text, fingerprint="f2")
    return Report(findings=(found, other), notes=(text,), revisions=1, source=lambda path: text)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.prose: list[str] = []
        self.in_code = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        self.in_code += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self.in_code -= tag == "code"

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")

    def handle_data(self, data: str) -> None:
        if not self.in_code:
            self.prose.append(data)


def rendered(markdown: str) -> _Tags:
    tags = _Tags()
    tags.feed(_RENDERER.render(markdown))
    return tags


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("form", FORMATS)
def test_there_is_one_finding_as_before_and_it_says_the_text(form: Format, text: str) -> None:
    made = render(report_of(text), form)
    assert made.isascii() or not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e]", made
    )
    made.encode("utf-8")
    shown = visible(text)
    if form == "json":
        document = json.loads(made)
        assert [each["message"] for each in document["findings"]] == [f"{text} is dropped", text]
    elif form == "sarif":
        results = json.loads(made)["runs"][0]["results"]
        plain = shown.replace("](", "] (")
        assert [each["message"]["text"].split("\n")[0] for each in results] == [f"{plain} is dropped", plain]
    elif form == "gitlab":
        issues = json.loads(made)
        assert [each["location"]["path"] for each in issues] == [shown, shown]
    elif form == "rdjson":
        diagnostics = json.loads(made)["diagnostics"]
        assert [each["code"]["value"] for each in diagnostics] == [shown, "other-rule"]
    elif form == "junit":
        suites = list(JUnitXml.fromstring(made.encode()))
        (suite,) = suites
        first, second = list(suite)
        (failure,) = first.result
        assert isinstance(failure, Failure)
        assert failure.message == f"{shown} is dropped"
        assert second.classname == shown
    elif form == "github":
        commands = [line for line in made.splitlines() if line.startswith("::")]
        assert [line.split(" ")[0] for line in commands] == ["::error", "::warning", "::notice"]
        assert not [line for line in made.splitlines() if line.startswith("##[")]
    elif form == "markdown":
        tags = rendered(made)
        assert set(tags.tags) <= _OF_OURS
        assert [tags.tags.count(tag) for tag in ("h3", "table", "tr", "ul", "li")] == [1, 2, 4, 1, 1]
        assert [tags.tags.count(tag) for tag in ("th", "td")] == [9, 9]
        assert_refers_to_nothing(" ".join(tags.prose))
    else:
        assert made.count("error[") - text.count("error[") >= 1
        starts = [
            line.split(" ")[0].split("[")[0]
            for line in made.splitlines()
            if line and line[0] not in " 0123456789"
        ]
        assert starts == ["warning", "error", "note:", "1"][: len(starts)]


def assert_refers_to_nothing(prose: str) -> None:
    """What hosts look for in the text of a page: mentions, issues, links."""
    assert not re.search(r"(?<![\w`])@\w", prose)
    assert not re.search(r"[#!~&$](?=\w)", prose)
    assert not re.search(r"(?i)https?:|www\.", prose)


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_text_as_prose_as_code_and_as_a_block(text: str) -> None:
    shown = visible(text)
    prose = rendered(inline(text))
    assert set(prose.tags) <= {"p"}
    assert " ".join("".join(prose.prose).replace("\u2060", "").split()) == " ".join(shown.split())
    in_table = rendered(f"| a | b |\n| --- | --- |\n| {cell(code(text))} | {cell(inline(text))} |")
    assert in_table.tags.count("td") == 2
    assert set(in_table.tags) <= _OF_OURS
    block = _RENDERER.parse(fence(shown, "text"))
    assert [token.type for token in block] == ["fence"]
    assert block[0].content == f"{shown}\n"


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_any_text_comes_back_out_of_json_and_xml(text: str) -> None:
    report = report_of(text)
    assert json.loads(render(report, "json"))["findings"][0]["contracts"][0]["id"] == text
    run = json.loads(render(report, "sarif"))["runs"][0]
    assert run["results"][0]["ruleId"] == visible(text)
    (suite,) = list(JUnitXml.fromstring(render(report, "junit").encode()))
    first, _ = list(suite)
    assert first.result[0].message == f"{visible(text)} is dropped"


@pytest.mark.parametrize("form", FORMATS)
def test_a_megabyte_is_no_trouble(form: Format) -> None:
    assert len(render(report_of("`|<@x>" * 170_000), form)) < 60_000_000
