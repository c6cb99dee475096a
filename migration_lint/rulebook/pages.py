"""The pages beside the rules, in Markdown: an index, and for each rule one that links lead to.

`migration-lint rules --pages rules` writes them. All of it comes from the rule files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.rulebook.explain import patch_text
from migration_lint.rulebook.rule import Alternative, Example, ExampleState, Rule
from migration_lint.rulebook.template import generic

INDEX = "README.md"

#: What the index says above its tables.
_HEAD = """\
# Rules

One file each: what it finds, how severe that is, what it says, why, what to do, and examples, which are its
tests. The page of each is made from it. `migration-lint explain RULE` prints one. A rule that is off finds
nothing until the configuration gives it, or its group, a severity. `migration-lint rules --new NAME` begins
another.

`migration-lint rules --pages rules` writes this list, and the pages.
"""

_CODE = lazy_pattern(r"(`[^`]*`)")
_MARKUP = lazy_pattern(r"([\\*<\[\]])")


def pages(rules: Iterable[Rule]) -> Mapping[str, str]:
    """Every page, by its path below the folder of the rules."""
    ordered = sorted(rules, key=lambda rule: (rule.group, rule.name))
    return {INDEX: _index(ordered), **{rule.page: page(rule) for rule in ordered}}


def _index(rules: Iterable[Rule]) -> str:
    """A table for each group, with links to the pages."""
    lines = [_HEAD.rstrip("\n")]
    group = None
    for rule in rules:
        if rule.group != group:
            group = rule.group
            lines += ["", f"## {group}", "", "| rule | severity | |", "|---|---|---|"]
        severities = ", ".join(dict.fromkeys(choice.then for choice in reversed(rule.severity)))
        lines.append(f"| [{rule.name}]({rule.page}) | {severities} | {rule.summary} |")
    return "\n".join(lines) + "\n"


def page(rule: Rule) -> str:
    """All that there is to know about a rule."""
    return "\n".join(_page(rule)) + "\n"


def _page(rule: Rule) -> Iterator[str]:
    yield f"# {rule.name}"
    yield from ("", _prose(rule.summary))
    yield from ("", f"Severity: {_severity(rule)}.")
    if rule.once:
        yield from ("", "`check --all` tells it once, and says how many revisions it is true of.")
    yield from ("", "## What it says", "")
    for choice in rule.message:
        yield from _item(choice)
    yield from ("", "## Why")
    for paragraph in rule.why.strip().split("\n\n"):
        yield from ("", _prose(paragraph))
    yield from ("", "## What to do", "")
    for choice in (*rule.fix, *rule.notes):
        yield from _item(choice)
    if rule.steps:
        yield ""
        yield from (f"{number}. {_prose(step)}" for number, step in enumerate(rule.steps, 1))
    yield from ("", "## Examples")
    for example in rule.examples:
        yield from _example(example)
    yield from ("", "## Configuration")
    yield from _configuration(rule)
    yield from ("", f"Made from [{rule.name}.yaml]({rule.name}.yaml).")


def _severity(rule: Rule) -> str:
    last = rule.severity[-1].then
    return ", or ".join([last, *(f"{choice.then} if `{choice.when}`" for choice in rule.severity[:-1])])


def _prose(text: str) -> str:
    """A text as one line of Markdown: what is no code between backticks means nothing to it."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(part if part.startswith("`") else _MARKUP.sub(r"\\\1", part) for part in parts)


def _item(choice: Alternative) -> Iterator[str]:
    """A text that a finding may have, as an item of a list; code stays as it is."""
    prose: list[str] = []
    code: list[str] = []
    for line in generic(choice.then).split("\n"):
        (code if line.startswith("    ") else prose).append(line)
    condition = f" (if `{choice.when}`)" if choice.when else ""
    yield f"- {_prose(' '.join(prose))}{condition}"
    if code:
        yield from ("", "  ```python", *(f"  {line[4:]}".rstrip() for line in code), "  ```", "")


def _example(example: Example) -> Iterator[str]:
    found = {0: "nothing is found", 1: "1 finding"}.get(example.finds, f"{example.finds} findings")
    yield from ("", f"### {_prose(example.name)}: {found}")
    has_before = example.before != ExampleState("", {}, {})
    if has_before:
        yield from ("", "Before the change:")
        yield from _state(example.before)
        yield from ("", "The change:")
    yield from _state(example.change)


def _state(state: ExampleState) -> Iterator[str]:
    if state.upgrade:
        yield from _fenced(state.upgrade, "python")
    if state.contracts:
        yield ""
    for name, patch in state.contracts.items():
        yield f"- contract {name}: `{patch_text(patch)}`"
    for path, text in state.files.items():
        yield from ("", f"`{path}`" + (" is deleted" if text is None else ""))
        if text is not None:
            yield from _fenced(text, _language(path))


def _fenced(text: str, language: str) -> Iterator[str]:
    longest = max(map(len, re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    yield from ("", fence + language, *(line.rstrip() for line in text.rstrip("\n").split("\n")), fence)


def _language(path: str) -> str:
    ending = path.rpartition(".")[2]
    return {"py": "python", "yml": "yaml"}.get(
        ending, ending if ending in ("yaml", "toml", "go", "sql") else ""
    )


def _configuration(rule: Rule) -> Iterator[str]:
    is_off = rule.severity[-1].then == "off"
    level, why = ("warning", 'it is off unless you say so; or "error", "info"') if is_off else (
        "off", 'or "error", "warning", "info"'
    )  # fmt: skip
    yield from _fenced(f'[tool.migration-lint.severity]\n{rule.name} = "{level}"  # {why}', "toml")
    yield ""
    if rule.inline:
        yield "For one place, on its line or in the line above, with a reason:"
        yield from _fenced(f"# migration-lint: ignore[{rule.name}] why it does no harm here", "python")
    elif rule.group == "contract":
        yield "No comment in a script can silence it. A contract that has nothing to change says so itself,"
        yield "under `acknowledges`, with the revision's id and a reason."
    else:
        yield "No comment in a script can silence it."
