"""Rule files: what loads, what is refused, and where rules are found."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migration_lint.change.folder import FolderTree
from migration_lint.errors import CannotJudge
from migration_lint.rulebook.files import RuleFile, builtin_files, digest, project_files, rule_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.rule import from_json, to_json

RULE = """\
summary: A table of the audit schema is dropped.
severity: error
on: drop_table
when: table.schema == "audit"
message: "{table} is part of the audit trail"
why: The auditors read it.
fix: keep {table}
examples:
  - name: an audit table
    upgrade: op.drop_table("log", schema="audit")
    finds: 1
  - name: another table
    upgrade: op.drop_table("deployment_events")
    finds: 0
"""


def said(*files: tuple[str, str]) -> str:
    """All problems of rule files, as they are printed."""
    with pytest.raises(CannotJudge) as error:
        load(RuleFile(path, text.encode(), False) for path, text in files)
    return str(error.value)


def test_the_name_is_the_file_s_and_the_group_the_folder_s() -> None:
    [rule] = load([RuleFile("lint-rules/audit/audit-table-dropped.yaml", RULE.encode(), False)])
    assert (rule.name, rule.group, rule.on) == ("audit-table-dropped", "audit", ("drop_table",))
    assert rule.when == 'table.schema == "audit"'


def test_every_problem_of_every_file_is_reported_at_once() -> None:
    broken = """\
sumary: A table is dropped.
severity: fatal
on: [drop_tabel, drop_table, opaque]
when: table.schema == "audit"
message: "{operation.sql} {0} {table"
fix:
  - when: operation.reason != ""
    then: "{database.version}"
notes: [order]
examples:
  - {name: a, finds: many, upgrad: x}
"""
    assert said(
        ("lint/one-rule.yaml", broken), ("lint/Two_Rules.yaml", RULE), ("lint/three.yaml", "a:\n\tb: 1\n")
    ) == (
        """\
lint/one-rule.yaml:1:1: unknown key sumary
  fix: did you mean `summary`?
lint/one-rule.yaml:1:1: the key summary is missing
lint/one-rule.yaml:1:1: the key why is missing
lint/one-rule.yaml:2:11: fatal is no severity
  fix: there are error, warning, info, off
lint/one-rule.yaml:3:6: there is no event drop_tabel
  fix: did you mean `drop_table`?
lint/one-rule.yaml:4:7: there is no fact `table` here (on opaque)
    when: table.schema == "audit"
          ^^^^^^^^^^^^
  fix: the facts are operation, revision, database, effect, transaction, code
lint/one-rule.yaml:5:27: `{0}` is not the name of a fact
    message: "{operation.sql} {0} {table"
                              ^^^
  fix: only a fact's name stands in braces: `{table}`, `{column.old_type}`
lint/one-rule.yaml:7:3: nothing is said for when none of these holds
  fix: end the list with a plain text
lint/one-rule.yaml:9:9: a note begins with its label
  fix: such as "order: …"
lint/one-rule.yaml:11:3: no example is found
  fix: add one that the rule finds: `finds: 1`
lint/one-rule.yaml:11:22: finds is the number of findings
  fix: write `finds: 1`
lint/one-rule.yaml:11:28: unknown key upgrad
  fix: did you mean `upgrade`?
lint/Two_Rules.yaml: Two_Rules.yaml cannot name a rule
  fix: name it in kebab-case: some-rule.yaml
lint/three.yaml:2:1: found a tab
  fix: indent with spaces"""
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'message: "{table} is part of the audit trail"',
            "message: {table} is gone",
            "  fix: put the text in quotes, or close its bracket",
        ),
        (
            'message: "{table} is part of the audit trail"',
            "message: {table}",
            "lint/a-rule.yaml:5:10: this is a mapping, not a text\n"
            "  fix: quote it: a text that begins with a brace or bracket is something else in YAML",
        ),
        (
            "{table} is part",
            "{operation.sql} is part",
            "lint/a-rule.yaml:5:12: operation.sql may be None\n"
            '    message: "{operation.sql} is part of the audit trail"\n'
            "               ^^^^^^^^^^^^^\n"
            "  fix: ask first: give the text as a list of `when: operation.sql is not None` and `then`",
        ),
        (
            "{table} is part",
            "{table.existed} is part",
            "table.existed is true or false, not a text",
        ),
        ("{table} is part", "table} is part", "this `}` has no partner"),
        ("{table} is part", "{table.__class__} is part", "`{table.__class__}` is not the name of a fact"),
        ("{table} is part", "{table!r} is part", "`{table!r}` is not the name of a fact"),
        ("severity: error", "\tseverity: error", "found a tab\n  fix: indent with spaces"),
        (
            "severity: error",
            "severity: error\nseverity: info",
            '3:1: the key "severity" stands here again: it is in line 2 already',
        ),
        ("severity: error", "severity:", "2:10: this is empty"),
        ("severity: error", "severity: &x error", "2:11: found an anchor, &x"),
        (
            "severity: error",
            "severity: !!python/name:os.system error",
            "2:11: found a tag, !!python/name:os.system\n  fix: remove it: rules have no use for tags",
        ),
        (
            "severity: error",
            "severity:\n  - error\n  - when: table.existed\n    then: info",
            "4:5: this is never reached: the entry above has no `when`",
        ),
        ("finds: 0", "finds: 1", "every example is found"),
        ("finds: 1", "finds: true", "finds is the number of findings"),
        (
            "    finds: 0",
            "    finds: 0\n    files: {../x: y}",
            "../x is outside the example",
        ),
    ],
)
def test_one_slip_has_one_message(old: str, new: str, expected: str) -> None:
    assert old in RULE
    assert expected in said(("lint/a-rule.yaml", RULE.replace(old, new)))


def test_what_is_wrong_with_the_yaml_hides_nothing_else() -> None:
    broken = RULE.replace("severity: error", "severity: *grave").replace("why:", "wy:").replace("fix:", "on:")
    assert said(("lint/a-rule.yaml", broken)) == (
        """\
lint/a-rule.yaml:1:1: the key why is missing
lint/a-rule.yaml:1:1: the key fix is missing
lint/a-rule.yaml:2:11: found an alias, *grave
  fix: write the value out, or quote it if it is a text
lint/a-rule.yaml:6:1: unknown key wy
  fix: did you mean `why`?
lint/a-rule.yaml:7:1: the key "on" stands here again: it is in line 3 already
  fix: keep one of the two"""
    )


def test_examples_that_are_no_list_are_one_problem() -> None:
    text = RULE.partition("examples:")[0] + "examples: none\n"
    assert said(("lint/a-rule.yaml", text)) == (
        "lint/a-rule.yaml:8:11: this is a text, not a list\n  fix: begin each entry with `- `"
    )


def test_a_patch_holds_the_json_that_yaml_means() -> None:
    patch = "{columns: {hint: {type: jsonb, encoding: {json: {maximum: 1.5, const: null}}}}}"
    text = RULE + f"    contracts:\n      api.consumer: {patch}\n"
    [rule] = load([RuleFile("lint/a-rule.yaml", text.encode(), False)])
    assert rule.examples[1].change.contracts["api.consumer"] == {
        "columns": {"hint": {"type": "jsonb", "encoding": {"json": {"maximum": 1.5, "const": None}}}}
    }


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, len(RULE)),
    st.integers(0, 12),
    st.one_of(
        st.sampled_from(
            ["[", "{", "- ", "\t", ": ", "&a ", "*a", "!!x ", "? ", "|\n", "'", '"', "\x00", "%", "#"]
        ),
        st.text(max_size=5),
    ),
)
def test_a_damaged_file_loads_or_is_refused_and_nothing_else(at: int, cut: int, put: str) -> None:
    text = RULE[:at] + put + RULE[at + cut :]
    with contextlib.suppress(CannotJudge):
        load([RuleFile("lint/a-rule.yaml", text.encode("utf-8", "surrogatepass"), False)])


def test_a_condition_is_checked_on_every_event_that_the_rule_hangs_on() -> None:
    text = RULE.replace("on: drop_table", "on: [drop_table, dml]")
    assert "there is no fact `table` here (on dml)" in said(("lint/a-rule.yaml", text))


def test_what_a_condition_asked_for_need_not_be_asked_again_in_a_message() -> None:
    text = RULE.replace('table.schema == "audit"', "operation.sql is not None")
    text = text.replace("{table} is", "{operation.sql}")
    assert load([RuleFile("lint/a-rule.yaml", text.encode(), False)])


def test_a_later_choice_may_rely_on_the_earlier_ones() -> None:
    message = """message:
  - when: operation.sql is None
    then: no SQL
  - "{operation.sql}"
"""
    text = RULE.replace('message: "{table} is part of the audit trail"\n', message)
    assert load([RuleFile("lint/a-rule.yaml", text.encode(), False)])


def test_a_project_s_rule_may_not_take_the_name_of_another() -> None:
    with pytest.raises(CannotJudge) as error:
        load([RuleFile("mine/contract-column-dropped.yaml", RULE.encode(), False), *builtin_files()])
    assert str(error.value) == (
        "mine/contract-column-dropped.yaml: there are two rules contract-column-dropped: the other comes "
        "with migration-lint\n  fix: rename the file"
    )
    assert "the other is in a/same.yaml" in said(("a/same.yaml", RULE), ("b/same.yaml", RULE))


def test_a_project_s_rules_are_read_from_the_tree_that_is_judged(tmp_path: Path) -> None:
    folder = tmp_path / "services" / "api" / "lint rules" / "audit"
    folder.mkdir(parents=True)
    (folder / "audit-table-dropped.yaml").write_text(RULE)
    (folder / "README.md").write_text("no rule")
    tree = FolderTree(tmp_path)
    [file] = project_files(tree, "services/api", ["./lint rules/"])
    assert file.path == "services/api/lint rules/audit/audit-table-dropped.yaml"
    assert "audit-table-dropped" in {
        rule.name for rule in load(rule_files(tree, "services/api", ["lint rules"]))
    }


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("nowhere", "the rule folder nowhere holds no rule"),
        ("../elsewhere", "the rule folder ../elsewhere is outside the project"),
        ("/etc", "the rule folder /etc is outside the project"),
    ],
)
def test_a_rule_folder_has_to_be_there(tmp_path: Path, folder: str, expected: str) -> None:
    with pytest.raises(CannotJudge, match=expected):
        project_files(FolderTree(tmp_path), "", [folder])


def test_a_rule_survives_the_store() -> None:
    rules = load(builtin_files())
    stored = json.loads(json.dumps([to_json(rule) for rule in rules]))
    assert [from_json(each) for each in stored] == [rule._replace(examples=()) for rule in rules]
    with pytest.raises(ValueError, match="not a rule"):
        from_json(stored[0][:-1])


def test_the_digest_changes_with_every_file() -> None:
    one, other = RuleFile("a.yaml", b"a", False), RuleFile("b.yaml", b"b", False)
    digests = [
        digest(files)
        for files in ([one], [other], [one, other], [one._replace(data=b"c")], [one._replace(builtin=True)])
    ]
    assert len(set(digests)) == len(digests)
    assert digest([one]) == digest([one])


def test_stored_rules_need_no_yaml() -> None:
    code = (
        "import sys\n"
        "from migration_lint.rulebook import files, rule, suppression, verdict\n"
        "files.digest(files.builtin_files())\n"
        "print(*sorted({'yaml', 'tokenize', 'difflib'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() in ([], ["tokenize"])  # inspect, which dataclasses needs, imports tokenize
