"""What a regular expression makes of a text that is known: what Python makes of it, or nothing is known."""

from __future__ import annotations

import re
import time

import pytest

from migration_lint.reading import read_script_text

SQL = "-- one\nSELECT 1;\n\nSELECT 'a' ;  select 2;\n"

#: What gives a text, or a list of them.
KNOWN = r"""
re.split(r";", SQL)
re.split(r";\s*\n", SQL)
re.split(r"\s*;\s*(?:\n|$)", SQL)
re.split(r"(;)\s*", SQL, maxsplit=1)
re.split("SELECT", SQL, flags=re.I)
re.compile(r";\s*").split(SQL)
re.compile("select", re.IGNORECASE).split(SQL, 1)
re.split(re.compile(r"\n+"), SQL)
re.findall(r"[^;]+", SQL)
re.findall(r"(?m)^SELECT [^;]*", SQL)
re.findall(r"(?i)select\s+(\S+)", SQL)
re.compile(r"\w+").findall(SQL)
re.sub(r"--[^\n]*\n", "", SQL)
re.sub(r"(SELECT) (\d)", r"\1 \2\2", SQL)
re.sub(r"[A-Z]{2,}", "x", SQL, count=1)
re.compile(r"^\s*$", re.M).sub("--", SQL)
re.sub("(?<!-)- ?", "+", SQL)
re.sub(r"\b(?:one|two)\b", "three", SQL)
""".strip().splitlines()

#: What may take for ever, or is not worked out.
UNKNOWN = r"""
re.sub(r"(a+)+$", "", "a" * 60 + "b")
re.sub(r"(a|aa)+$", "", "a" * 60 + "b")
re.sub(r"(?:a?){60}a{60}", "", "a" * 60)
re.split(r"\s*x\s*x\s*x\s*y", " " * 5000)
re.sub(r"(.)\1", "", SQL)
re.sub("1", lambda found: "2", SQL)
re.sub("(", "", SQL)
re.sub("1", r"\7", SQL)
re.sub("1", "2", open("elsewhere").read())
""".strip().splitlines()


def read(expression: str) -> list[str | None]:
    """What is executed of a text, or of each of a list; None: it is not known."""
    code = (
        f"import re\nfrom alembic import op\nSQL = {SQL!r}\n\n\ndef upgrade():\n"
        f"    made = {expression}\n    for each in [made] if isinstance(made, str) else made:\n"
        '        op.execute("COMMENT ON TABLE t IS \'" + repr(each).replace("\'", \'"\') + "\'")\n'
    )
    operations = read_script_text(code, "postgresql").upgrade
    return [None if each.conditional or "\ue000" in (each.sql or "") else each.sql for each in operations]


@pytest.mark.parametrize("expression", KNOWN)
def test_it_makes_what_python_makes(expression: str) -> None:
    made = eval(expression, {"re": re, "SQL": SQL})
    texts = [made] if isinstance(made, str) else made
    shown = (repr(each).replace("'", '"') for each in texts)
    assert read(expression) == [f"COMMENT ON TABLE t IS '{each}'" for each in shown]


@pytest.mark.parametrize("expression", UNKNOWN)
def test_it_is_not_worked_out(expression: str) -> None:
    begun = time.monotonic()
    assert set(read(expression)) <= {None}
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("text", ["a" * 3000, " " * 3000, "ab" * 3000, "-" * 3000])
@pytest.mark.parametrize(
    "pattern", [r"a*a*b", r"\s+\s+x", r"(?:a|b)?c", r"-+[^\n]*\n", r".*;.*;", r"(a?b?)*c"]
)
def test_what_may_cost_much_costs_little(pattern: str, text: str) -> None:
    begun = time.monotonic()
    read(f"re.split({pattern!r}, {text!r})")
    assert time.monotonic() - begun < 5
