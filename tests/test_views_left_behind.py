"""A view under contract that stays while what it reads goes: most databases let that happen."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration_lint.check.pipeline import run_check

from .projects import write

CONTRACT = """\
contract: migration-lint/v1
id: r.consumer
service: r
role: consumer
tables:
  v:
    columns:
      a: {type: int}
    producers: none
"""


def script(revision: str, down: str | None, *statements: str) -> str:
    body = "".join(f"    op.execute({each!r})\n" for each in statements)
    return (
        f"from alembic import op\nrevision = {revision!r}\ndown_revision = {down!r}\n\ndef upgrade():\n{body}"
    )


def messages(folder: Path, dialect: str, change: str) -> list[str]:
    base = {
        "alembic.ini": "[alembic]\nscript_location = m\n",
        "migration-lint.toml": f'dialect = "{dialect}"\n',
        "m/versions/a1.py": script(
            "a1", None, "CREATE TABLE t (a int, b int)", "CREATE VIEW v AS SELECT a FROM t"
        ),
        "contracts/r.yaml": CONTRACT,
    }
    write(folder / "base", base)
    write(folder / "head", {**base, "m/versions/b2.py": script("b2", "a1", change)})
    report = run_check(
        folder / "head", base=str(folder / "base"), head=str(folder / "head"), environ={}, use_cache=False
    )
    return [each.message for each in report.findings if each.rule.startswith("contract-")]


@pytest.mark.parametrize(
    ("change", "dialect", "said"),
    [
        ("DROP TABLE t", "mysql", "nothing can be read of v any more (t, which it reads, is gone)"),
        ("DROP TABLE t", "sqlite", "nothing can be read of v any more (t, which it reads, is gone)"),
        (
            "ALTER TABLE t RENAME TO u",
            "mysql",
            "nothing can be read of v any more (t, which it reads, is gone)",
        ),
        ("ALTER TABLE t RENAME TO u", "sqlite", None),
        ("ALTER TABLE t RENAME TO u", "postgresql", None),
        ("ALTER TABLE t DROP COLUMN a", "mysql", "v.a is dropped"),
        ("ALTER TABLE t DROP COLUMN b", "mysql", None),
        ("ALTER TABLE t RENAME COLUMN a TO z", "mysql", "v.a is dropped"),
        ("ALTER TABLE t RENAME COLUMN a TO z", "postgresql", None),
        ("ALTER TABLE t ADD COLUMN z int", "mysql", None),
    ],
)
def test_a_view_is_left_behind(change: str, dialect: str, said: str | None, tmp_path: Path) -> None:
    found = messages(tmp_path, dialect, change)
    assert [each.partition(", but ")[0] for each in found] == ([] if said is None else [said])
