"""What `explain RULE` and `rules` say, as text and as JSON data. All of it comes from the rule files."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from migration_lint.errors import CannotJudge, Problem
from migration_lint.facts.model import EVENTS
from migration_lint.rulebook.rule import Alternative, Example, ExampleState, Rule
from migration_lint.rulebook.template import generic
from migration_lint.settings.model import LEVELS
from migration_lint.wording import did_you_mean, nearest

WIDTH = 88


def nearest_rules(name: str, names: Iterable[str]) -> str:
    """What to do about a rule that does not exist: the nearest names, else where all of them are."""
    return did_you_mean(nearest(name, names, 3), "`migration-lint rules` lists all of them")


def find(name: str, rules: Mapping[str, Rule]) -> Rule:
    """The rule of that name. Raises CannotJudge, with the nearest names, if there is none."""
    rule = rules.get(name)
    if rule is None:
        raise CannotJudge(Problem(f"there is no rule {name}", fix=nearest_rules(name, rules)))
    return rule


def explain(rule: Rule) -> str:
    """All that there is to know about a rule, for people."""
    return "\n".join(_explained(rule)) + "\n"


def _explained(rule: Rule) -> Iterator[str]:
    yield f"{rule.name}  ({severity(rule)})"
    yield ""
    yield from _wrapped(rule.summary)
    yield from _section("What it says")
    for choice in rule.message:
        yield from _choice(choice)
    yield from _section("Why")
    yield from _paragraphs(rule.why)
    if rule.once:
        yield ""
        yield from _wrapped("`check --all` tells it once, and says how many revisions it is true of.")
    yield from _section("What to do")
    for choice in rule.fix:
        yield from _choice(choice)
    for number, step in enumerate(rule.steps, 1):
        yield from _wrapped(step, f"  {number}. ", "     ")
    for note in rule.notes:
        yield from _choice(note)
    for example in rule.examples:
        found = "nothing is found" if not example.finds else "1 finding" if example.finds == 1 else None
        yield from _section(f"Example: {example.name}: {found or f'{example.finds} findings'}")
        yield from _example(example)
    yield from _section("Configuration")
    yield "  [tool.migration-lint.severity]"
    if rule.severity[-1].then == "off":
        yield f'  {rule.name} = "warning"    # it is off unless you say so; or "error", "info"'
    else:
        yield f'  {rule.name} = "off"        # or "error", "warning", "info"'
    yield ""
    if rule.inline:
        yield "  For one place, on its line or in the line above, with a reason:"
        yield f"  # migration-lint: ignore[{rule.name}] why it does no harm here"
    elif rule.group == "contract":
        yield from _wrapped(
            "No comment in a script can silence it. A contract that has nothing to change says so itself, "
            "under `acknowledges`, with the revision's id and a reason."
        )
    else:
        yield from _wrapped("No comment in a script can silence it.")
    yield ""
    yield f"The rule is {rule.path}; it hangs on {', '.join(rule.on)}."


def severity(rule: Rule) -> str:
    """The severities that a rule can have, as words: `error, or warning if outcome.kept`."""
    last = rule.severity[-1].then
    return ", or ".join([last, *(f"{choice.then} if {choice.when}" for choice in rule.severity[:-1])])


def _section(title: str) -> Iterator[str]:
    yield ""
    yield title


def _choice(choice: Alternative) -> Iterator[str]:
    prose: list[str] = []
    for line in generic(choice.then).split("\n"):
        if line.startswith("    "):  # code stays as it is
            yield from _wrapped(" ".join(prose))
            prose = []
            yield f"  {line}"
        else:
            prose.append(line)
    yield from _wrapped(" ".join(prose))
    if choice.when:
        yield from _wrapped(f"(if {choice.when})", "    ", "    ")


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if number:
            yield ""
        yield from _wrapped(paragraph)


def _wrapped(text: str, first: str = "  ", rest: str = "  ") -> Iterator[str]:
    yield from textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _example(example: Example) -> Iterator[str]:
    if example.before != ExampleState("", {}, {}):
        yield "  before the change"
        yield from _state(example.before, "    ")
        yield "  the change"
        yield from _state(example.change, "    ")
    else:
        yield from _state(example.change, "  ")


def _state(state: ExampleState, indent: str) -> Iterator[str]:
    for line in state.upgrade.split("\n") if state.upgrade else ():
        yield f"{indent}{line}".rstrip()
    for name, patch in state.contracts.items():
        yield indent + f"contract {name}: {patch_text(patch)}"
    for path, text in state.files.items():
        if text is None:
            yield f"{indent}{path} is deleted"
        else:
            yield f"{indent}{path}"
            yield from (f"{indent}    {line}".rstrip() for line in text.rstrip("\n").split("\n"))


def patch_text(patch: Mapping[str, Any] | str | None) -> str:
    """What an example does to a contract, in words."""
    if patch is None:
        return "deleted"
    if isinstance(patch, str):
        return "rewritten"
    said: list[str] = []
    for key, value in patch.items():
        if key == "columns" and isinstance(value, dict):
            for column, declaration in value.items():
                said.append(f"{column} removed" if declaration is None else f"{column}: {_flow(declaration)}")
        elif key == "table":
            said.append("the table's entry removed" if value is None else f"the table is {value}")
        elif value in (None, [], {}):
            said.append(f"{key} removed")
        else:
            said.append(f"{key}: {_flow(value)}")
    return ", ".join(said) or "as it was"


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def explain_json(rule: Rule) -> dict[str, Any]:
    """The same as JSON data."""
    return {
        **rules_json([rule])[0],
        "when": rule.when,
        "message": [_choice_json(choice) for choice in rule.message],
        "why": rule.why,
        "fix": [_choice_json(choice) for choice in rule.fix],
        "steps": list(rule.steps),
        "notes": [_choice_json(choice) for choice in rule.notes],
        "examples": [{"name": example.name, "finds": example.finds} for example in rule.examples],
    }


def _choice_json(choice: Alternative) -> dict[str, str]:
    return {"when": choice.when, "then": choice.then} if choice.when else {"then": choice.then}


def rules_text(rules: Iterable[Rule], levels: Mapping[str, str] | None = None) -> str:
    """All rules by group, a line each. `levels` are the severities that the configuration gives."""
    rules = list(rules)
    levels = levels or {}
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(rule.group, []).append(rule)
    width = max((len(rule.name) for rule in rules), default=0)
    lines: list[str] = []
    for group, members in sorted(groups.items()):
        lines += ["", group] if lines else [group]
        for rule in members:
            level = _level(rule, levels)
            lines.append(f"  {rule.name:<{width}}  {level:<7}  {rule.summary}")
    own = sum(not rule.builtin for rule in rules)
    lines += ["", f"{len(rules)} rules" + (f", {own} of them this project's own" if own else "")]
    return "\n".join(lines) + "\n"


def _level(rule: Rule, levels: Mapping[str, str]) -> str:
    return levels.get(rule.name) or levels.get(rule.group) or rule.severity[-1].then


def rules_json(rules: Iterable[Rule], levels: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """All rules as JSON data, in the order of group and name."""
    levels = levels or {}
    return [
        {
            "name": rule.name,
            "group": rule.group,
            "severity": _level(rule, levels),
            "severities": sorted({choice.then for choice in rule.severity}, key=list(LEVELS).index),
            "summary": rule.summary,
            "on": list(rule.on),
            "path": rule.path,
            "builtin": rule.builtin,
        }
        for rule in rules
    ]


def facts_text() -> str:
    """Every event and every fact, from the source of `facts.model`: what a rule's author needs to know."""
    import ast

    from migration_lint.facts import model

    docs: dict[str, tuple[str, list[tuple[str, str, str]]]] = {}
    for node in ast.parse(Path(model.__file__).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            docs[node.name] = (ast.get_docstring(node) or "", list(_documented(node)))
    lines = ["Events"]
    for shape in dict.fromkeys(EVENTS.values()):
        events = [event for event, made_of in EVENTS.items() if made_of is shape]
        lines += ["", *_wrapped(", ".join(events)), *_wrapped(docs[shape.__name__][0], "    ", "    ")]
        lines += _wrapped("facts: " + ", ".join(shape._fields), "    ", "    ")
    lines += ["", "Facts"]
    spaces = dict.fromkeys(
        (name, kind) for shape in EVENTS.values() for name, kind, _ in docs[shape.__name__][1]
    )
    for name, kind in spaces:
        lines += ["", f"  {name}", *_wrapped(docs[kind][0], "    ", "    ")]
        for field, annotation, said in docs[kind][1]:
            lines += _wrapped(f"{name}.{field} ({annotation}): {said}", "    ", "      ")
    return "\n".join(lines) + "\n"


def _documented(node: Any) -> Iterator[tuple[str, str, str]]:
    """The fields of a class: name, annotation, and the text that stands under it."""
    import ast

    for index, item in enumerate(node.body):
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            below = node.body[index + 1] if index + 1 < len(node.body) else None
            said = ""
            if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
                said = " ".join(str(below.value.value).split())
            yield item.target.id, ast.unparse(item.annotation), said
