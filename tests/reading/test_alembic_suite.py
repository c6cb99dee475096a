"""What the benchmark makes of Alembic's own tests: scripts that run, and nothing of the tests in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.alembic_suite.__main__ import judged, main
from tests.benchmarks.alembic_suite.calls import scripts_of
from tests.benchmarks.truth.project import totals

TESTS = """
from sqlalchemy import Column
from sqlalchemy import Integer

from alembic import op
from alembic import testing
from alembic.testing.fixtures import op_fixture


class OpTest(TestBase):
    def test_rename_table(self):
        context = op_fixture()
        op.rename_table("t1", "t2")
        context.assert_("ALTER TABLE t1 RENAME TO t2")

    @testing.combinations((Integer, "x"), (String, "y"), argnames="kind, name")
    def test_add(self, kind, name):
        context = op_fixture("postgresql")
        with expect_warnings("so"):
            op.add_column("t", Column(name, kind))
        eq_(context.lines, [])

    def test_nothing(self):
        assert op_fixture()
"""


def test_calls_become_scripts(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_op.py").write_text(TESTS)

    renames, *adds = found = list(scripts_of(tmp_path))

    assert len(renames.dialects) == 6
    assert [list(each.dialects) for each in adds] == [["postgresql"], ["postgresql"]]
    assert "    kind = Integer\n    name = 'x'\n    op.add_column('t', Column(name, kind))\n" in adds[0].text
    assert not any(word in each.text for each in found for word in ("context", "testing", "eq_"))


def test_scripts_are_judged(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_op.py").write_text(TESTS.replace("Integer", "BigInteger"))

    (project,) = judged(list(scripts_of(tmp_path)), tmp_path / "scripts", ["postgresql"])

    figures = totals([project], times=False)
    assert figures["operations"] == 2  # what names a type that nothing imports does not run
    assert figures["missed drops, renames and type changes"] == figures["extra without a condition"] == 0


@pytest.mark.parametrize("name", [".", "nowhere"])
def test_a_folder_that_is_not_alembics_is_told(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / name
    assert main([str(folder)]) == 2
    said = f"{folder} holds none of Alembic's tests: name a checkout of it\n"
    assert capsys.readouterr() == ("", said)
