"""The language of conditions: what it says yes to, what it refuses, and in which words."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from migration_lint.errors import CannotJudge
from migration_lint.facts.model import (
    EVENTS,
    ColumnFacts,
    ColumnOperation,
    DatabaseFacts,
    OperationFacts,
    RevisionFacts,
    TableFacts,
)
from migration_lint.rulebook.checking import check
from migration_lint.rulebook.condition import ConditionError, compiled, parse
from migration_lint.rulebook.files import RuleFile
from migration_lint.rulebook.load import load

FACTS = ColumnOperation(
    OperationFacts("alter_type", sql="ALTER TABLE t …", tables=("audit.log", "users")),
    TableFacts("t", "audit", "audit.t", existed=True),
    ColumnFacts("Größe", old_type=None, new_type="varchar(20)", existed=True),
    RevisionFacts("4f1c", new=True),
    DatabaseFacts("postgresql", (15, 2)),
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('table.schema == "audit"', True),
        ("table.existed and not table.protected", True),
        ("table.protected or revision.new and column.existed", True),
        ('operation.kind in ("alter_type", "drop_column")', True),
        ('operation.kind not in ["alter_type", "drop_column"]', False),
        ('operation.kind in {"alter_type"}', True),
        ("column.old_type is None", True),
        ('column.new_type is not None and matches(column.new_type, "varchar*")', True),
        ('column.old_type is None or matches(column.old_type, "varchar*")', True),
        ('not (column.new_type is None) and lower(column.new_type) == "varchar(20)"', True),
        ('column.old_type == "int4"', False),
        ('column.new_type == "x" or column.old_type is not None', False),
        ("database.version >= (15,)", True),
        ("database.version < (15, 2)", False),
        ("(9,) < database.version <= (15, 2)", True),
        ("len(operation.tables) == 2 and len(column.name) > -1", True),
        ('matches(operation.tables, "audit.*")', True),
        ('matches(operation.tables, "AUDIT.*")', False),
        ('"users" in operation.tables', True),
        ('operation.sql is not None and "ALTER" in operation.sql', True),
        ('column.name == "Größe"', True),
        ("revision.new == True", True),
        ("  table.existed\n  and revision.new\n", True),
        ("operation.tables == ('audit.log', 'users')", True),
    ],
)
def test_a_condition_holds_or_does_not(text: str, holds: bool) -> None:
    check(text, ColumnOperation)
    assert compiled(text)(FACTS) is holds


def test_no_condition_always_holds() -> None:
    assert compiled("")(FACTS) is True


# Each case is a condition, and the whole message that its author gets.
REFUSED = [
    (
        'colum.name == "a"',
        """\
        lint/some-rule.yaml:4:7: there is no fact `colum` here
            when: colum.name == "a"
                  ^^^^^^^^^^
          fix: did you mean `column`?""",
    ),
    (
        "table.existed and column.nmae == 'a'",
        """\
        lint/some-rule.yaml:4:25: column has no `nmae`
            when: table.existed and column.nmae == 'a'
                                    ^^^^^^^^^^^
          fix: did you mean `name`?""",
    ),
    (
        "operation.kind == 'drop_colum'",
        """\
        lint/some-rule.yaml:4:25: it is never 'drop_colum'
            when: operation.kind == 'drop_colum'
                                    ^^^^^^^^^^^^
          fix: did you mean `drop_column`?""",
    ),
    (
        "operation.kind in ('drop_column', 'delete')",
        "lint/some-rule.yaml:4:41: it is never 'delete'",
    ),
    (
        "column.name == 3",
        """\
        lint/some-rule.yaml:4:7: column.name is a text, and 3 is a number: they do not compare
            when: column.name == 3
                  ^^^^^^^^^^^^^^^^""",
    ),
    (
        "column.name",
        """\
        lint/some-rule.yaml:4:7: column.name is a text, not true or false
            when: column.name
                  ^^^^^^^^^^^
          fix: write `column.name == "…"`""",
    ),
    (
        "table",
        """\
        lint/some-rule.yaml:4:7: table is a group of facts, not true or false
            when: table
                  ^^^^^
          fix: name one of its facts, such as `table.label`""",
    ),
    ("table == 'users'", "lint/some-rule.yaml:4:7: table is a group of facts"),
    ("operation.tables and table.existed", "operation.tables is a list, not true or false"),
    ("operation.tables", "fix: write `len(operation.tables) > 0`"),
    ("column.old_type", "fix: write `column.old_type is not None`"),
    (
        "lower(column.old_type) == 'int4'",
        """\
        lint/some-rule.yaml:4:13: column.old_type may be None
            when: lower(column.old_type) == 'int4'
                        ^^^^^^^^^^^^^^^
          fix: ask first: `column.old_type is not None and …`""",
    ),
    ("column.old_type is not None or lower(column.old_type) == 'a'", "column.old_type may be None"),
    ("not (column.old_type is not None) and lower(column.old_type) == 'a'", "column.old_type may be None"),
    ("column.name is None", "column.name is never None: it is a text"),
    ("column.old_type == None", "None is asked for with `is`"),
    ("column.name is 'a'", "`is` asks for None only"),
    ("column.name in 'abc'", "`in 'abc'` asks for a part of that text"),
    ("column.name in 3", "3 is a number: nothing is in it"),
    ("3 in operation.tables", "3 is a number, and operation.tables holds texts"),
    ("table.existed < 3", "table.existed is true or false, and 3 is a number"),
    ("table.existed < True", "table.existed is true or false, which has no order"),
    ("database.version >= 15", "database.version is a list, and 15 is a number"),
    ("database.version >= ('15',)", "database.version holds numbers, and ('15',) texts"),
    ("lower(operation.tables) == 'a'", "operation.tables is a list, and lower() takes a text"),
    ("matches(column.name, table.name)", "the pattern is not a literal text"),
    ("matches(column.name)", "matches() takes 2 arguments"),
    ("len(table.existed) > 1", "table.existed is true or false, and len() takes a text or a list"),
    ("any(column.name)", "this is not a function of conditions"),
    ("column.name.upper() == 'A'", "this is not a function of conditions"),
    ("column.__class__ is None", "column.__class__ is not a fact"),
    ("__import__('os').system('true')", "this is not a function of conditions"),
    ("len(x=column.name) > 1", "len() takes plain arguments only"),
    ("len(*column.name) > 1", "len() takes plain arguments only"),
    ("column.name * 9 == 'a'", "arithmetic cannot stand in a condition"),
    ("9 ** 9 ** 9 > 1", "arithmetic cannot stand in a condition"),
    ("column.name[0] == 'a'", "indexing cannot stand in a condition"),
    ("'[x for x in operation.tables] == ()'", "a comprehension cannot stand in a condition"),
    ("'(lambda: True)()'", "this is not a function of conditions"),
    ("(y := table.existed)", "`:=` cannot stand in a condition"),
    ("f'{table.name}' == 'a'", "an f-string cannot stand in a condition"),
    ("column.name == 1.5", "a float literal cannot stand in a condition"),
    ("column.name in (table.name,)", "a list of anything but literals cannot stand in a condition"),
    ("table.existed if revision.new else False", "`if … else` cannot stand in a condition"),
    ("table.existed && revision.new", "fix: write `and`"),
    ("table.existed # and not revision.new", None),  # YAML itself ends the text there
    ("'table.existed # and not revision.new'", "a condition holds no comments"),
    ("'table.existed) or (revision.new'", "this cannot be read as a condition: unmatched ')'"),
    ("'table.existed ='", "this cannot be read as a condition: invalid syntax"),
    ("' '", "this is empty"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[text for text, _ in REFUSED])
def test_what_is_wrong_is_said_with_its_place(text: str, said: str | None) -> None:
    if said is None:
        load([rule_file(text)])
        return
    with pytest.raises(CannotJudge) as error:
        load([rule_file(text)])
    [problem] = error.value.problems
    said = textwrap.dedent(said)
    assert str(problem) == said if said.startswith("lint/") and "\n" in said else said in str(problem)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("when: >-\n  table.existed and\n  colum.name == 'a'", (6, 3)),
        ("when: |\n  table.existed\n  and colum.name == 'a'", (6, 7)),
        ("when: |\n\n\n    (table.existed\n      and colum.name == 'a')", (8, 11)),
        ("when: 'table.name == ''x'' or colum.name == ''a'''", (4, 31)),
        ('when: "table.name == \\"x\\" or colum.name == \\"a\\""', (4, 31)),
        ("when:\n  table.existed or\n  colum.existed", (6, 3)),
        ("when: column.name == 'Größe' or colum.existed", (4, 33)),
    ],
)
def test_the_place_is_found_in_every_way_to_write_a_text(written: str, place: tuple[int, int]) -> None:
    with pytest.raises(CannotJudge) as error:
        load([rule_file(written, whole=True)])
    [problem] = error.value.problems
    assert (problem.line, problem.column) == place
    _, line, caret = problem.message.split("\n")
    assert line[caret.index("^") :].startswith("colum.")


def test_a_condition_has_a_longest_length_and_a_deepest_depth() -> None:
    for text, said in (
        ("table.existed and " * 200 + "table.existed", "3613 characters, and 2000 is the most"),
        ("not " * 100 + "table.existed", "the condition is nested too deeply"),
        ("(" * 300 + "table.existed" + ")" * 300, "this cannot be read as a condition"),
        ("-" * 1500 + "1 == 1", "cannot"),
        ("table" + ".existed" * 240, "is true or false, and has no"),
        ("[" * 150 + "]" * 150, "cannot"),
    ):
        with pytest.raises(ConditionError, match=said):
            check(text, ColumnOperation)


WORDS = st.sampled_from(
    [
        "table",
        "column",
        "operation",
        ".",
        "existed",
        "name",
        "old_type",
        "kind",
        "tables",
        "sql",
        "(",
        ")",
        "[",
        "]",
        ",",
        "and",
        "or",
        "not",
        "in",
        "is",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=\n",
        "",
        "",
        "",
        "None",
        "True",
        '"a"',
        "'drop_column'",
        "3",
        "-1",
        "1.5",
        "len",
        "lower",
        "matches",
        "*",
        "**",
        "+",
        "lambda",
        ":",
        "if",
        "else",
        "for",
        "x",
        ":=",
        "{",
        "}",
        "#",
        "\n",
        "\\",
        "__class__\n",
        "",
        "",
        "",
        "__import__",
        'f"{x}"',
        'b""',
        "...",
        "@",
        ";",
        "=",
        "&&",
        "\x00",
        "é",
        "await",
        "yield",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=25).map(" ".join)))
@example("\\")
@example("'\\N{BELL}' == '\\q'")
@example("\ud800")
@example("1" * 1900)
@example("table.existed\x0c and table.existed")
def test_any_text_is_a_condition_or_an_error_and_nothing_else(text: str) -> None:
    try:
        parse(text)
        check(text, ColumnOperation)
    except ConditionError:
        return
    # What the check lets through cannot fail on any facts of that event.
    assert compiled(text)(FACTS) in (True, False)


def test_every_fact_of_every_event_has_a_type() -> None:
    for event in EVENTS.values():
        for space in event._fields:
            with pytest.raises(ConditionError, match="is a group of facts"):
                check(space, event)


def rule_file(when: str, whole: bool = False) -> RuleFile:
    """A rule on an operation; `when` is the condition, or with `whole` the lines of the key."""
    text = f"""\
summary: A rule of a team's own.
severity: error
on: alter_type
{when if whole else f"when: {when}"}
message: "{{table}}.{{column}} changes"
why: because
fix: do not
examples:
  - {{name: one, upgrade: pass, finds: 1}}
  - {{name: none, upgrade: pass, finds: 0}}
"""
    return RuleFile("lint/some-rule.yaml", text.encode(), False)
