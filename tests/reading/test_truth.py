"""The benchmark that runs scripts for truth tells the truth itself: what it says is missed was missed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from migration_lint.operations import Operation
from tests.benchmarks.seeds import main as seeds_main
from tests.benchmarks.truth.__main__ import judge
from tests.benchmarks.truth.__main__ import main as truth_main
from tests.benchmarks.truth.comparing import Comparison, compare
from tests.benchmarks.truth.one_more import Waiting, waiting
from tests.benchmarks.truth.project import totals
from tests.benchmarks.truth.report import render
from tests.benchmarks.truth.running import Run, Runner, Truth, scripts_of
from tests.benchmarks.truth.second import disagreements, seen

EXAMPLE = Path(__file__).parents[1] / "benchmarks" / "truth" / "example.txt"


def script(folder: Path, name: str, upgrade: str, downgrade: str = "pass", head: str = "") -> Path:
    """A script with these bodies."""
    path = folder / "versions" / f"{name}.py"
    path.parent.mkdir(exist_ok=True)
    lines = [
        f"revision = {name!r}\ndown_revision = None",
        "import sqlalchemy as sa\nfrom alembic import op",
        dedent(head),
        "def upgrade():",
        *(f"    {line}" for line in dedent(upgrade).strip().splitlines()),
        "def downgrade():",
        *(f"    {line}" for line in dedent(downgrade).strip().splitlines()),
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def run(folder: Path, *, seconds: int = 20) -> Truth:
    (path,) = scripts_of(folder)
    return Runner("postgresql", seconds=seconds).run(folder, [path])[path]


def ran(*records: dict[str, str]) -> list[Run]:
    """A direction that came to its end in one run."""
    return [Run("empty", records, None)]


def kinds(compared: Comparison) -> dict[str, int]:
    return dict(compared.truth)


def test_what_runs_is_what_is_read(tmp_path: Path) -> None:
    script(
        tmp_path,
        "a1",
        """
        op.drop_table("users")
        op.alter_column("orders", "total", new_column_name="sum", type_=sa.Numeric(10, 2))
        op.execute("ALTER TABLE orders DROP COLUMN note, RENAME TO sales")
        if sa.inspect(op.get_bind()).has_table("old"):
            op.drop_table("old")
        """,
        """
        with op.batch_alter_table("users") as batch_op:
            batch_op.drop_column("name")
        """,
    )

    project = judge(tmp_path, Runner("postgresql"))

    figures = totals([project])
    assert figures["directions that ran"] == 2
    assert figures["missed drops, renames and type changes"] == 0
    assert figures["extra without a condition"] == 0
    up, down = (compared for _, _, compared in project.compared)
    assert up.matched["drop_table"] == 2
    assert up.conditional["drop_table"] == 1
    assert up.matched["alter_type"] == up.matched["rename_column"] == up.matched["drop_column"] == 1
    assert down.matched == {"drop_column": 1}


DROPS = ran(
    {"kind": "drop_column", "table": "users", "column": "name"}, {"raw": "DROP TABLE orders -- for good"}
)


def test_a_miss_is_a_miss() -> None:
    compared = compare(DROPS, [Operation(kind="drop_table", table="orders")], "postgresql")

    assert [str(fact) for fact, _ in compared.missed] == ["drop_column users.name"]
    assert compared.matched == {"drop_table": 1}


def test_as_often_as_it_runs() -> None:
    twice = ran({"raw": "DROP TABLE users"}, {"raw": "DROP TABLE users"})

    compared = compare([*DROPS, *twice], [Operation(kind="drop_table", table="users")], "postgresql")

    missed = sorted(str(fact) for fact, _ in compared.missed)
    assert missed == ["drop_column users.name", "drop_table orders", "drop_table users"]


def test_another_type_is_told() -> None:
    runs = ran({"kind": "alter_type", "table": "users", "column": "age", "type": "BIGINT"})
    same = Operation(kind="alter_type", table="users", column="age", type="int8")
    other = Operation(kind="alter_type", table="users", column="age", type="TEXT")

    assert not compare(runs, [same], "postgresql").imprecise
    assert [detail for _, detail in compare(runs, [other], "postgresql").imprecise] == [
        "read as alter_type users.age: 'TEXT' for 'BIGINT'"
    ]


@pytest.mark.parametrize(("tables", "covered"), [(("*",), True), (("users",), True), (("orders",), False)])
def test_an_opaque_operation_covers_what_it_may_touch(tables: tuple[str, ...], covered: bool) -> None:
    opaque = Operation(kind="opaque", reason="x", tables=tables)

    compared = compare(DROPS, [opaque, Operation(kind="drop_table", table="orders")], "postgresql")

    assert bool(compared.covered) is covered
    assert bool(compared.missed) is not covered


def test_what_never_happens_is_extra() -> None:
    operations = [
        Operation(kind="drop_column", table="users", column="name"),
        Operation(kind="drop_table", table="orders"),
        Operation(kind="drop_table", table="users"),
        Operation(kind="drop_table", table="items", conditional=True),
    ]

    compared = compare(DROPS, operations, "postgresql")

    assert [read.fact.table for read in compared.extra] == ["users"]
    assert [read.fact.table for read in compared.extra_conditional] == ["items"]


def test_what_stands_after_a_failure_is_told_apart(tmp_path: Path) -> None:
    script(
        tmp_path,
        "a1",
        """
        try:
            op.drop_column("users", "before")
            op.drop_constraint(None, "users")
            op.drop_column("users", "after")
        except Exception:
            pass
        op.drop_table("orders")
        """,
    )

    ((_, _, compared), *_) = judge(tmp_path, Runner("postgresql")).compared

    assert not compared.missed
    assert not compared.extra
    assert [str(read.fact) for read in compared.extra_after_failure] == ["drop_column users.after"]
    assert compared.matched["drop_column"] == compared.matched["drop_table"] == 1


def test_extra_in_a_try_is_explained_by_what_was_caught() -> None:
    runs = ran({"kind": "caught", "lines": [[7, 9]]})  # type: ignore[dict-item]
    operations = [
        Operation(kind="drop_table", table=table, path="v/a1.py", line=line)
        for table, line in (("before", 6), ("after", 8))
    ]

    compared = compare(runs, operations, "postgresql", "v/a1.py")

    assert [read.fact.table for read in compared.extra] == ["before"]
    assert [read.fact.table for read in compared.extra_after_failure] == ["after"]


def test_what_checks_first_says_so() -> None:
    made = {"kind": "create_enum", "name": "state"}
    runs = [Run("empty", (made,), None), Run("everything", (), None)]

    def unmarked(if_exists: bool) -> int:
        operation = Operation(kind="create_enum", name="state", if_exists=if_exists)
        return len(compare(runs, [operation], "postgresql").unmarked)

    assert (unmarked(if_exists=True), unmarked(if_exists=False)) == (0, 1)


def test_a_library_executes_what_it_really_does(tmp_path: Path) -> None:
    pytest.importorskip("alembic_postgresql_enum")
    script(
        tmp_path,
        "a1",
        'op.sync_enum_values("public", "state", ["on"], [TableReference("users", "state")])',
        head="from alembic_postgresql_enum import TableReference",
    )

    done = [str(fact) for fact in _facts(run(tmp_path)) if fact.kind != "other_ddl"]
    assert sorted(done) == [
        "alter_enum public.state -> rename",
        "alter_type public.users.state",
        "create_enum public.state",
        "drop_enum public.state_old",
    ]


def test_a_changed_module_of_the_project_changes_the_truth(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    helper = project / "tables.py"
    path = script(project, "a1", "op.drop_table(NAME)", head="from tables import NAME")

    def dropped(name: str) -> list[object]:
        helper.write_text(f"NAME = {name!r}\n")
        return _facts(Runner("postgresql", store=tmp_path / "kept").run(project, [path])[path])

    assert [str(fact) for name in ("users", "orders") for fact in dropped(name)] == [
        "drop_table users",
        "drop_table orders",
    ]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DROP TABLE IF EXISTS a, s.b CASCADE", ["drop_table a", "drop_table b"]),
        ("alter table only t drop c, add d int", ["drop_column t.c", "add_column t.d"]),
        ("ALTER TABLE t RENAME TO u", ["rename_table t -> u"]),
        ("ALTER TABLE t ALTER c SET DATA TYPE numeric(1, 2) USING f(c, 1)", ["alter_type t.c"]),
        ("ALTER TABLE t DROP CONSTRAINT k", ["drop_constraint t.k"]),
        ("ALTER TABLE t ALTER d DROP NOT NULL", ["set_nullable t.d -> null"]),
        ("CREATE UNIQUE INDEX CONCURRENTLY i ON ONLY t (a)", ["create_index t.i"]),
        ("ALTER TYPE s.e ADD VALUE 'x'", ["alter_enum e -> add_value"]),
    ],
)
def test_the_second_opinion(statement: str, found: list[str]) -> None:
    assert [str(each) for each in seen(statement, "postgresql")] == found
    assert disagreements([f"-- first\n{statement}; SELECT 1"], "postgresql") == (1, [])


def test_both_answers_are_asked_and_queries_have_rows(tmp_path: Path) -> None:
    script(
        tmp_path,
        "a1",
        """
        bind = op.get_bind()
        if not bind.dialect.has_table(bind, "users"):
            op.create_table("users", sa.Column("id", sa.Integer))
        else:
            op.drop_table("users")
        for row in bind.execute(sa.text("SELECT id FROM users")):
            op.drop_column("users", "name")
        cursor = bind.connection.cursor()
        cursor.execute("DROP TABLE items")
        """,
    )

    compared = compare(run(tmp_path).upgrade, (), "postgresql")

    # A query is out of rows when it is asked for the third time.
    assert kinds(compared) == {"create_table": 1, "drop_table": 2, "drop_column": 1}


def test_what_is_not_installed_is_stood_in_for(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("import not_there_at_all\nnot_there_at_all.set_up()\n")
    (tmp_path / "shop" / "models.py").write_text(
        'from not_there_at_all import Base\nclass User(Base):\n    __tablename__ = "users"\n'
    )
    script(
        tmp_path,
        "a1",
        'op.add_column(User.__tablename__, sa.Column("place", Geography("POINT")))',
        head="from shop.models import User\nfrom not_there_at_all.types import Geography",
    )

    truth = run(tmp_path)

    assert all(each.error is None for each in truth.upgrade), truth
    assert [str(each) for each in _facts(truth)] == ["add_column users.place"]


def _facts(truth: Truth) -> list[object]:
    return [fact for fact, _ in compare(truth.upgrade, (), "postgresql").missed]


def test_a_script_that_hangs_or_writes_is_stopped(tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    script(tmp_path, "a1", f'open({str(victim)!r}, "w").write("x")', "import os\nos.system('true')")

    truth = run(tmp_path)

    assert not victim.exists()
    assert all("PermissionError" in (each.error or "") for each in (*truth.upgrade, *truth.downgrade))

    script(tmp_path, "a1", "while True: pass")
    assert run(tmp_path, seconds=1).error is not None


def test_the_report_names_every_miss(tmp_path: Path) -> None:
    # `exec` is what nobody can read; the reader says so, and the report counts and lists it.
    script(tmp_path, "a1", """exec(__import__("codecs").decode("bc.qebc_gnoyr('hfref')", "rot13"))""")

    project = judge(tmp_path, Runner("postgresql"))

    text = render([project], ())
    assert "drop_table users" in text
    assert totals([project])["covered by an opaque operation"] == 1
    assert totals([project])["revisions with opaque operations"] == 1


def test_the_whole_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "shop"
    project.mkdir()
    monkeypatch.chdir(project)
    script(
        project,
        "a1",
        """
        op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))
        if sa.inspect(op.get_bind()).has_table("old"):
            op.drop_table("old")
        op.execute("ALTER TABLE users RENAME COLUMN name TO label")
        """,
        'op.drop_table("users")',
    )
    script(
        project,
        "a2",
        """
        exec(__import__("codecs").decode("bc.qebc_pbyhza('hfref', 'ynory')", "rot13"))
        import searching
        searching.add_index(op, "users")
        """,
        'raise NotImplementedError("no way back")',
    )

    judged = judge(project, Runner("postgresql"))

    judged.reading, judged.parsing, judged.parsing_modules = 0.02, 0.004, 0.001  # is not compared here
    waited = Waiting("shop", 2, start=0.05, parse=0.01, cold=0.2, warm=0.1)
    shown = render([judged], ["run with the Python of the tests"], waited)
    if os.environ.get("UPDATE_EXPECTED"):
        EXAMPLE.write_text(shown)
    assert shown == EXAMPLE.read_text()


def test_one_more_revision_is_timed(tmp_path: Path) -> None:
    script(tmp_path, "a1", 'op.create_table("users", sa.Column("name", sa.Text))')
    second = script(tmp_path, "a2", 'op.add_column("users", sa.Column("age", sa.Integer))')
    second.write_text(second.read_text().replace("down_revision = None", 'down_revision = "a1"'))

    history = judge(tmp_path, Runner("postgresql")).history
    assert history is not None
    timed = waiting(history, runs=1)

    assert isinstance(timed, Waiting), timed
    assert timed.revisions == 2
    assert 0 < timed.start < timed.cold


@pytest.mark.parametrize(
    ("ini", "env", "said"),
    [
        ("sqlalchemy.url = mysql+pymysql://user@localhost/shop", "", "mysql"),
        ("# sqlalchemy.url = mysql://user@localhost/shop", "import alembic_postgresql_enum", "postgresql"),
        ("sqlalchemy.url = driver://user:pass@localhost/dbname", "URL = 'sqlite:///shop.db'", "sqlite"),
        ("", "URLS = ['sqlite:///shop.db', 'postgres://localhost/shop']", "postgresql"),
        ("sqlalchemy.url =", "URL = os.environ['URL']", "postgresql"),
    ],
)
def test_a_project_says_for_which_database_its_scripts_are(
    tmp_path: Path, ini: str, env: str, said: str
) -> None:
    folder = tmp_path / "shop" / "versions"
    folder.mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text(f"[alembic]\n{ini}\n")
    (tmp_path / "shop" / "env.py").write_text(env)

    assert Runner(None).dialect(tmp_path, folder) == said
    assert Runner("oracle").dialect(tmp_path, folder) == "oracle"


@pytest.mark.parametrize("main", [truth_main, seeds_main])
def test_a_folder_without_scripts_is_told(
    main: Callable[[list[str]], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path)])
    assert f"{tmp_path} holds no migration script\n" in capsys.readouterr().err


def test_what_is_asked_for_first_is_there_or_not(tmp_path: Path) -> None:
    script(
        tmp_path,
        "a1",
        """
        metadata = sa.MetaData()
        sa.Table("old", metadata, sa.Column("id", sa.Integer)).drop(op.get_bind(), checkfirst=True)
        sa.Table("new", metadata, sa.Column("id", sa.Integer)).create(op.get_bind(), checkfirst=True)
        """,
    )

    done = {each.mode: [record["kind"] for record in each.records] for each in run(tmp_path).upgrade}

    assert done["empty"] == ["create_table"]
    assert done["everything"] == ["drop_table"]
