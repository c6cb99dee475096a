"""What the directives and functions of libraries beside Alembic execute, as the libraries themselves do it.

Each script is really run with the real package, against a connection that records, and read. Where a package
is not installed, as `migration-contract-lint[test-all]` does it, its scripts are passed over, by its name.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent, indent
from typing import NamedTuple

import pytest

from migration_lint.operations import Operation
from migration_lint.reading import read_paths, read_script_text
from tests.benchmarks.truth.comparing import compare
from tests.benchmarks.truth.running import Runner


class Case(NamedTuple):
    """A script. `breaks` is what it does of what breaks readers, in a line each."""

    package: str
    name: str
    head: str
    upgrade: str
    breaks: tuple[str, ...] = ()


CASES = (
    Case(
        "alembic_postgresql_enum",
        "a value goes",
        "from alembic_postgresql_enum import TableReference",
        """
        op.sync_enum_values(
            enum_schema="app", enum_name="mood", new_values=["sad", "glad"],
            affected_columns=[
                TableReference(table_schema="app", table_name="people", column_name="mood"),
                TableReference(table_schema="log", table_name="visits", column_name="felt"),
            ],
            enum_values_to_rename=[],
        )
        """,
        ('alter_type app.people.mood to "app"."mood"', 'alter_type log.visits.felt to "app"."mood"'),
    ),
    Case(
        "alembic_postgresql_enum",
        "values are renamed, a default and an index stand in the way",
        """
        from alembic_postgresql_enum import ColumnType, TableReference
        from alembic_postgresql_enum.sql_commands.indexes import TableIndex
        """,
        """
        op.sync_enum_values(
            enum_schema="public", enum_name="mood", new_values=["blue", "glad"],
            affected_columns=[
                TableReference("people", "mood", "public", existing_server_default="'sad'::mood"),
                TableReference("people", "moods", "public", ColumnType.ARRAY, "'{sad}'::mood[]"),
            ],
            enum_values_to_rename=[("sad", "blue")],
            indexes_to_recreate=[
                TableIndex(
                    name="public.people_sad",
                    definition="CREATE INDEX people_sad ON public.people (id) WHERE mood = 'sad'::mood",
                ),
            ],
        )
        """,
        (
            'alter_type public.people.mood to "public"."mood"',
            'alter_type public.people.moods to "public"."mood"[]',
        ),
    ),
    Case(
        "alembic_postgresql_enum",
        "by position, with tuples, as the first releases wrote it",
        "import alembic_postgresql_enum",
        'op.sync_enum_values("public", "mood", ["sad"], [("people", "mood")], [("glad", "sad")])',
        ('alter_type public.people.mood to "public"."mood"',),
    ),
    Case(
        "alembic_postgresql_enum",
        "a value is added",
        "import alembic_postgresql_enum",
        """
        op.add_enum_value("public", "mood", "calm")
        op.add_enum_value(enum_schema="app", enum_name="mood", new_value="calm", before_value="sad")
        """,
    ),
    Case(
        "alembic_autogenerate_enums",
        "values are added",
        "import alembic_autogenerate_enums",
        'op.sync_enum_values("public", "mood", ["sad"], ["sad", "glad"])',
    ),
    Case(
        "alembic_autogenerate_enums",
        "made anew",
        "import alembic_autogenerate_enums",
        """
        op.sync_enum_values("public", "mood", ["sad", "glad"], ["sad"], [("people", "mood")], True)
        """,
        ("alter_type people.mood to public.mood",),
    ),
    Case(
        "alembic_enums",
        "columns are moved twice",
        """
        import random
        from alembic_enums import Column, EnumMigration
        random.randint = lambda least, most: 0
        """,
        """
        column = Column("people", "mood", old_server_default=None, new_server_default="glad")
        migration = EnumMigration(
            op=op, enum_name="mood", old_options=["sad", "glad"], new_options=["glad"], columns=[column]
        )
        with migration.upgrade_ctx():
            migration.update_value(column, "sad", "glad")
        """,
        (
            'alter_type people.mood to "_tmp_mood_0000"',
            'alter_type people.mood to "mood"',
        ),
    ),
    Case(
        "alembic_utils",
        "views",
        """
        from alembic_utils.pg_materialized_view import PGMaterializedView
        from alembic_utils.pg_view import PGView
        adults = PGView("app", "adults", "SELECT id, name FROM app.people WHERE age > 17;")
        counts = PGMaterializedView(
            schema="app", signature="counts", definition="SELECT count(*) AS n FROM app.people",
            with_data=False,
        )
        """,
        """
        op.create_entity(adults)
        op.replace_entity(PGView.from_sql("CREATE VIEW app.adults AS SELECT id FROM app.people"))
        op.create_entity(counts)
        op.replace_entity(counts)
        op.drop_entity(counts)
        op.drop_entity(adults, cascade=True)
        """,
        (
            "create_view app.adults",
            "create_view app.adults",
            "drop_view app.adults",
            "create_view app.adults",
            "create_view app.counts",
            "drop_view app.counts",
            "create_view app.counts",
            "drop_view app.counts",
            "drop_view app.adults cascade",
        ),
    ),
    Case(
        "alembic_utils",
        "functions, triggers, policies, grants and extensions",
        """
        from alembic_utils.pg_extension import PGExtension
        from alembic_utils.pg_function import PGFunction
        from alembic_utils.pg_grant_table import PGGrantTable, PGGrantTableChoice
        from alembic_utils.pg_policy import PGPolicy
        from alembic_utils.pg_trigger import PGTrigger
        touch = PGFunction(
            schema="public", signature="touch()",
            definition="RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.seen := now(); RETURN NEW; END $$",
        )
        sum_ = PGFunction.from_sql(
            "CREATE OR REPLACE FUNCTION public.plus(a int, b int DEFAULT 1) "
            "RETURNS int LANGUAGE sql AS $$ SELECT a + b $$"
        )
        trigger = PGTrigger(
            schema="public", signature="touched", on_entity="public.people",
            definition="BEFORE UPDATE ON public.people FOR EACH ROW EXECUTE FUNCTION public.touch()",
        )
        policy = PGPolicy(
            schema="public", signature="own", on_entity="people", definition="for select to app using (true)"
        )
        grant = PGGrantTable(
            schema="public", table="people", role="app", grant=PGGrantTableChoice.SELECT, columns=["id"]
        )
        """,
        """
        op.create_entity(PGExtension("public", "citext"))
        op.create_entity(touch)
        op.replace_entity(sum_)
        op.create_entity(trigger)
        op.replace_entity(trigger)
        op.create_entity(policy)
        op.replace_entity(policy)
        op.create_entity(grant)
        op.replace_entity(grant)
        op.drop_entity(grant)
        op.drop_entity(policy)
        op.drop_entity(trigger)
        op.drop_entity(sum_)
        op.drop_entity(touch, cascade=True)
        op.drop_entity(PGExtension("public", "citext"))
        """,
    ),
    Case(
        "geoalchemy2",
        "all directives",
        "from geoalchemy2 import Geometry",
        """
        op.create_geospatial_table(
            "lakes", sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("shape", Geometry("POLYGON", spatial_index=False)), schema="gis",
        )
        op.create_geospatial_index("lakes_shape", "lakes", ["shape"], schema="gis", postgresql_using="gist")
        centre = sa.Column("centre", Geometry("POINT", spatial_index=False))
        op.add_geospatial_column("lakes", centre, schema="gis")
        op.drop_geospatial_index("lakes_shape", table_name="lakes", column_name="shape", schema="gis")
        op.drop_geospatial_column("lakes", "centre", schema="gis")
        op.drop_geospatial_table("lakes", schema="gis")
        """,
        ("drop_column gis.lakes.centre", "drop_table gis.lakes"),
    ),
    Case(
        "geoalchemy2",
        "in a batch",
        "from geoalchemy2 import Geometry",
        """
        with op.batch_alter_table("lakes", schema="gis") as batch_op:
            batch_op.add_geospatial_column(sa.Column("centre", Geometry("POINT", spatial_index=False)))
            batch_op.drop_geospatial_column("shape")
            batch_op.create_geospatial_index("lakes_centre", ["centre"], postgresql_using="gist")
            batch_op.drop_geospatial_index("lakes_shape", column_name="shape")
        """,
        ("drop_column gis.lakes.shape",),
    ),
    Case(
        "geoalchemy2",
        "an index that nobody asks for",
        "from geoalchemy2 import Geography, Geometry",
        """
        shape = sa.Column("shape", Geometry("POLYGON"))
        op.create_table("lakes", sa.Column("id", sa.Integer()), shape, schema="gis")
        op.create_table("rivers", sa.Column("course", Geography("LINESTRING"), nullable=False))
        op.add_column("rivers", sa.Column("source", Geometry("POINT")))
        op.add_geospatial_column("rivers", sa.Column("mouth", Geometry("POINT")))
        """,
    ),
    Case(
        "postgresql_audit",
        "the audit's own rows",
        """
        from postgresql_audit import add_column, alter_column, change_column_name
        from postgresql_audit.migrations import remove_column, rename_table
        """,
        """
        add_column(op, "people", "age")
        alter_column(op, "people", "age", lambda value, table: sa.cast(value, sa.Text))
        change_column_name(op, "people", "age", "years")
        remove_column(op.get_bind(), "people", "years", schema="audit")
        rename_table(op, "people", "persons")
        """,
    ),
    Case(
        "sqlalchemy_continuum",
        "version tables",
        """
        from sqlalchemy_continuum import update_end_tx_column
        from sqlalchemy_continuum.dialects.postgresql import drop_trigger
        versions = sa.table("people_version", sa.column("id"), sa.column("transaction_id"))
        """,
        """
        drop_trigger(op.get_bind(), "people")
        """,
    ),
    Case(
        "sqlalchemy_searchable",
        "triggers",
        "from sqlalchemy_searchable import drop_trigger, sync_trigger",
        """
        sync_trigger(op.get_bind(), "people", "search", ["name"])
        drop_trigger(op.get_bind(), "people", "search")
        """,
    ),
    Case(
        "timescaledb",
        "chunks",
        "from timescaledb import create_continuous_aggregate, create_hypertable, drop_chunks",
        """
        connection = op.get_bind()
        options = {"time_column": "at", "chunk_time_interval": "INTERVAL 7 days"}
        create_hypertable(connection, table_name="visits", commit=False, hypertable_options=options)
        drop_chunks(connection, "visits", older_than="3 days")
        create_continuous_aggregate(connection, "daily", "SELECT count(*) AS n FROM visits", commit=False)
        """,
        ("create_view daily",),
    ),
    Case(
        "sqlalchemy_utils",
        "views",
        """
        from sqlalchemy_utils.view import CreateView, DropView, refresh_materialized_view
        people = sa.table("people", sa.column("id"))
        """,
        """
        op.execute(CreateView("adults", sa.select(people.c.id)))
        op.execute(DropView("counts", materialized=True))
        op.execute(DropView("adults", cascade=False))
        """,
        ("create_view adults", "drop_view counts cascade", "drop_view adults"),
    ),
)  # fmt: skip

_BREAKING = ("alter_type", "drop_column", "drop_table", "rename_column", "create_view", "drop_view")


@pytest.mark.parametrize("package", dict.fromkeys(case.package for case in CASES))
def test_is_read_as_the_library_executes_it(package: str, tmp_path: Path) -> None:
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    scripts: dict[Path, Case] = {}
    for number, case in enumerate(each for each in CASES if each.package == package):
        path = tmp_path / "versions" / f"a{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(_script(case))
        scripts[path] = case
    done = Runner("postgresql").run(tmp_path, scripts)  # each in a fork of one process

    for path, case in scripts.items():
        truth = done[path]
        assert truth.error is None, case.name
        assert any(run.error is None for run in truth.upgrade), [run.error for run in truth.upgrade]

        compared = compare(truth.upgrade, _read(case), "postgresql")

        assert (compared.missed, compared.covered) == ([], []), case.name
        assert {said for _, said in compared.imprecise} <= {"read in other words"}, case.name
        # What is said in other words is one `other_ddl` more than there was.
        assert [str(each.fact) for each in compared.extra if each.fact.kind != "other_ddl"] == [], case.name
        assert [each.reason for each in compared.opaque] == [], case.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.package}: {case.name}")
def test_what_breaks_readers(case: Case) -> None:
    assert tuple(_line(each) for each in _read(case) if each.kind in _BREAKING) == case.breaks


POSITIONAL = 'op.sync_enum_values("public", "mood", {0}, {1})'


@pytest.mark.parametrize(
    ("head", "third", "fourth", "done"),
    [
        ("import alembic_postgresql_enum", "['a']", "[]", ["anew"]),
        ("import alembic_autogenerate_enums", "['a']", "['a', 'b']", ["added"]),
        ("", "['a']", "[('people', 'mood')]", ["anew"]),
        ("", "['a']", "['a', 'b']", ["added"]),
        ("", "['a']", "found", ["anew?", "added?"]),
    ],
    ids=["imported", "the other imported", "columns", "values", "nobody can tell"],
)
def test_one_directive_of_two_libraries(head: str, third: str, fourth: str, done: list[str]) -> None:
    text = _script(Case("", "", f"import os\n{head}\nfound = os.listdir()", POSITIONAL.format(third, fourth)))
    read = read_script_text(text).upgrade
    words = {"drop_enum": "anew", "set_values": "anew", "add_value": "added", "commit": "added"}
    said = [(words.get(each.action or each.kind), each) for each in read]
    assert list(dict.fromkeys(f"{word}{'?' * each.conditional}" for word, each in said if word)) == done


def test_views_of_clickhouse() -> None:
    call = """
    op.create_mat_view("app.mv", "SELECT 1", "MergeTree() ORDER BY a", sa.Column("a", sa.Integer()))
    op.create_mat_view_to_table("mv2", "SELECT 1", "inner")
    op.drop_mat_view("app.mv", if_exists=True)
    op.drop_mat_view_to_table("mv2")
    """
    read = read_script_text(_script(Case("", "", "", call))).upgrade
    assert [_line(each) for each in read] == [
        "create_view app.mv",
        "create_view mv2",
        "drop_view app.mv",
        "drop_view mv2",
    ]


def test_an_entity_of_the_projects_own_class_writes_its_own_sql() -> None:
    head = """
    from alembic_utils.pg_view import PGView
    class Report(PGView):
        def __init__(self, name, query):
            super().__init__(schema="reports", signature=name, definition=query)
    daily = Report("daily", "SELECT 1 AS n")
    """
    call = "op.create_entity(daily)\nop.execute(daily.to_sql_statement_drop(cascade=True))"
    read = read_script_text(_script(Case("", "", head, call))).upgrade
    assert [_line(each) for each in read] == ["create_view reports.daily", "drop_view reports.daily cascade"]


def test_a_directive_of_a_batch_is_about_its_table() -> None:
    head = """
    from alembic.operations import BatchOperations, Operations
    @Operations.register_operation("forget", "from_table")
    @BatchOperations.register_operation("forget", "from_batch")
    class Forget:
        @classmethod
        def from_table(cls, operations, table, column):
            operations.drop_column(table, column)
        @classmethod
        def from_batch(cls, operations, column):
            operations.drop_column(column)
            operations.execute(f"DROP TABLE {operations.impl.table_name}_log")
    """
    call = """
    op.forget("people", "name")
    with op.batch_alter_table("visits") as batch_op:
        batch_op.forget("note")
    """
    read = read_script_text(_script(Case("", "", head, call))).upgrade
    assert sorted(_line(each) for each in read) == [
        "drop_column people.name",
        "drop_column visits.note",
        "drop_table visits_log",
    ]


def test_what_another_revision_says_of_a_view(tmp_path: Path) -> None:
    """The recipe for replaceable objects in Alembic's cookbook."""
    _environment(tmp_path)
    (tmp_path / "versions" / "a1.py").write_text(
        "revision = 'a1'\ndown_revision = None\nview = 'people_before'\ndef upgrade(): pass\n"
    )
    call = """
    before = op.get_context().script.get_revision("a1").module
    op.execute("DROP VIEW %s" % getattr(before, "view"))
    """
    text = _script(Case("", "", "", call)).replace("'a1'", "'b2'").replace("= None", "= 'a1'")
    (tmp_path / "versions" / "b2.py").write_text(text)
    _, read = read_paths([tmp_path / "versions"])
    assert [_line(each) for each in read.upgrade] == ["drop_view people_before"]


def test_env_says_whose_directive_it_is(tmp_path: Path) -> None:
    _environment(tmp_path)
    script = _script(Case("", "", "", POSITIONAL.format("['a']", "[]")))
    (tmp_path / "versions" / "a1.py").write_text(script)
    (tmp_path / "env.py").write_text("from alembic import context\nimport alembic_autogenerate_enums\n")
    (read,) = read_paths([tmp_path / "versions"])
    assert [each.kind for each in read.upgrade if each.kind != "other_ddl"] == []


def test_the_projects_own_directive_comes_first(tmp_path: Path) -> None:
    _environment(tmp_path)
    (tmp_path / "versions" / "a1.py").write_text(_script(Case("", "", "", "op.create_entity('people')")))
    (tmp_path / "own.py").write_text(
        "from alembic.operations import Operations\n"
        "@Operations.register_operation('create_entity')\n"
        "class CreateEntity:\n"
        "    @classmethod\n"
        "    def create_entity(cls, operations, name):\n"
        "        operations.drop_table(name)\n"
    )
    (read,) = read_paths([tmp_path / "versions"])
    assert [_line(each) for each in read.upgrade] == ["drop_table people"]


def _environment(folder: Path) -> None:
    (folder / "versions").mkdir()
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = .\n")


@pytest.mark.parametrize(
    "reference",
    ["TableReference('people', found)", "TableReference(found, 'mood')", "found"],
    ids=["column", "table", "all"],
)
def test_a_reference_that_is_not_known_is_opaque(reference: str) -> None:
    head = "import os\nfrom alembic_postgresql_enum import TableReference\nfound = os.getlogin()"
    call = POSITIONAL.format("['a']", f"[{reference}]")
    assert "opaque" in [each.kind for each in read_script_text(_script(Case("", "", head, call))).upgrade]


def _script(case: Case) -> str:
    head, body = dedent(case.head).strip(), indent(dedent(case.upgrade).strip(), "    ")
    return (
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"{head}\nrevision = 'a1'\ndown_revision = None\ndef upgrade():\n{body}\n"
    )


def _read(case: Case) -> tuple[Operation, ...]:
    return read_script_text(_script(case)).upgrade


def _line(operation: Operation) -> str:
    place = ".".join(filter(None, (operation.schema, operation.table, operation.column)))
    to = f" to {operation.type}" if operation.kind == "alter_type" else ""
    return f"{operation.kind} {place}{to}{' cascade' if operation.cascade else ''}"
