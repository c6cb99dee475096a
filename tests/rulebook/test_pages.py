"""The pages beside the rules, which links lead to: made from the rule files, in plain Markdown."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from migration_lint.report.links import rule_url, rules_url
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.pages import pages
from migration_lint.rulebook.rule import Rule

from ..documented import ROOT
from ..projects import report

FOLDER = ROOT / "rules"
RULES = load(builtin_files())
PAGES = pages(RULES)

markdown_it = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
PARSER = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])


def test_the_pages_are_those_of_the_rules() -> None:
    stored = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*.md")}
    assert stored.keys() == PAGES.keys()
    old = [name for name, path in stored.items() if path.read_text(encoding="utf-8") != PAGES[name]]
    assert old == [], "mend it: python -m migration_lint rules --pages rules"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.name))
def test_a_link_to_a_rule_leads_to_its_page(rule: Rule) -> None:
    path = rule_url(rule, {}).removeprefix(rules_url({}) + "/")
    page = (FOLDER / path).read_text(encoding="utf-8")
    assert page.startswith(f"# {rule.name}\n")
    assert page.count("\n### ") == len(rule.examples)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_no_markup_that_is_not_ours(name: str) -> None:
    """A `<fact>` or a star of a text would be gone, or the rest of the page be bold."""
    tokens = PARSER.parse(PAGES[name])
    inline = [child for token in tokens if token.type == "inline" for child in token.children or ()]
    assert not [token for token in (*tokens, *inline) if token.type.startswith("html")]
    assert not [token for token in inline if token.type in ("em_open", "strong_open", "image")]
    for link in (token.attrGet("href") for token in inline if token.type == "link_open"):
        assert (FOLDER / name).parent.joinpath(str(link)).is_file() or str(link).startswith("https://"), link


# -- rules --new


def test_a_rule_is_begun_among_the_project_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert report(capsys, "rules", "--new", "shop-todo") == (
        "exit status 0\n\nwrote lint-rules/shop-todo.yaml\n"
        'now name its folder in the configuration: rules = ["lint-rules"]\n'
    )
    (tmp_path / "migration-lint.toml").write_text('rules = ["lint-rules"]\n')
    assert "shop-todo  (warning)" in report(capsys, "explain", "shop-todo")
    assert report(capsys, "rules", "--new", "shop-other") == (
        "exit status 0\n\nwrote lint-rules/shop-other.yaml\n"
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "lock-type-changed",
            "lint-rules/lock-type-changed.yaml: there are two rules lock-type-changed: the other comes with "
            "migration-lint\n  fix: rename the file",
        ),
        (
            "No Rule",
            "lint-rules/No Rule.yaml: No Rule.yaml cannot name a rule\n"
            "  fix: name it in kebab-case: some-rule.yaml",
        ),
        (
            "../x",
            "lint-rules/../x.yaml: the file cannot be written: lint-rules/../x.yaml is no place for a "
            "file\n  fix: choose another name",
        ),
    ],
)
def test_a_name_that_no_rule_can_have(
    name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert report(capsys, "rules", "--new", name) == f"exit status 2\n\nerror: {told}\n"
    assert os.listdir(tmp_path) == []


def test_a_rule_of_this_program_is_begun_in_its_group_and_its_examples_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from .test_rules_find import test_a_rule_has_an_example_that_fires_and_one_that_is_silent as has_both
    from .test_rules_find import test_an_example_finds_what_it_says as finds

    shutil.copytree(FOLDER, tmp_path / "rules")
    monkeypatch.chdir(tmp_path)
    told = report(capsys, "rules", "--new", "data-todo")
    assert told == "exit status 0\n\nwrote rules/data-loss/data-todo.yaml\n"
    monkeypatch.setattr("migration_lint.rulebook.files.builtin_folder", lambda: tmp_path / "rules")
    (rule,) = [each for each in load(builtin_files()) if each.name == "data-todo"]
    has_both(rule)
    for number, example in enumerate(rule.examples):
        finds(rule, example, tmp_path / str(number))
    assert report(capsys, "rules", "--new", "frob-todo").startswith(
        "exit status 2\n\nerror: no group has rules called like frob-todo\n  fix: begin it with code, "
    )
    assert report(capsys, "rules", "--pages", "rules").endswith("wrote rules/data-loss/data-todo.md\n")
