"""Which edits of a revision that has run are findings: those after which it does something else.

Each edit is made to a script that base has. Formatting that moves code, `text()`, messages, imports, how long
a statement waits and `downgrade()` change nothing of what a database that runs it gets.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from migration_lint.check.edited.imported import SAME_NAMES, SUBMODULES

from .projects import FIRST, PROJECT, VERSIONS, Runner, script

SCRIPT = '''\
"""Reasons."""
import logging

import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"
TABLE = "reasons"
log = logging.getLogger(__name__)


def upgrade():
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.create_table("reasons", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("text", sa.Text()))
    op.create_index("reasons_text", "reasons", ["text"], postgresql_ops={"text": "text_pattern_ops"})
    op.execute("UPDATE deployment_events SET exit_code = 0 WHERE kind = 'start'")
    for name in ("a", "b"):
        op.add_column("deployment_events", sa.Column(name, sa.Text()))
    log.info("done")


def downgrade():
    op.drop_table("reasons")
'''

LOOP = """\
    for name in ("a", "b"):
        op.add_column("deployment_events", sa.Column(name, sa.Text()))
"""

#: (what stands there, what is put in its place)
NOTHING = {
    "text()": [('op.execute("UPDATE', 'op.execute(sa.text("UPDATE'), ("'start'\")", "'start'\"))")],
    "a message": [("done", "all done")],
    "no message": [('    log.info("done")\n', "")],
    "print": [('log.info("done")', 'print("done", 3)')],
    "another time to wait": [("'2s'", "'5s'")],
    "no time to wait": [("    op.execute(\"SET LOCAL lock_timeout = '2s'\")\n", "")],
    "an import": [("import logging\n", "import logging\nimport re\n")],
    "downgrade": [('    op.drop_table("reasons")', "    pass")],
    "a constant": [('op.create_table("reasons"', "op.create_table(TABLE")],
    "a loop that is written out": [
        (
            LOOP,
            '    op.add_column("deployment_events", sa.Column("a", sa.Text()))\n'
            '    op.add_column("deployment_events", sa.Column("b", sa.Text()))\n',
        )
    ],
    "a comprehension": [
        (
            LOOP,
            '    [op.add_column("deployment_events", sa.Column(name, sa.Text())) for name in ("a", "b")]\n',
        )
    ],
    "a function of its own": [
        ("def upgrade():\n", "def upgrade():\n    _up()\n\n\ndef _up():\n"),
    ],
    "SQL in other letters and lines, with a comment": [
        (
            "UPDATE deployment_events SET exit_code = 0 WHERE kind = 'start'",
            "update deployment_events -- the first\\n set exit_code=0  where kind = 'start';",
        )
    ],
    "SQL on other lines": [("= 0 WHERE", "= 0\\n  -- the first\\n  WHERE")],
    "another name of a variable": [(LOOP, LOOP.replace("name", "each"))],
    "no time to wait, as a text": [("op.execute(\"SET LOCAL lock_timeout = '2s'\")", "pass")],
    "quotes and an annotation": [
        ("def upgrade():", "def upgrade() -> None:"),
        ('"reasons_text"', "'reasons_text'"),
    ],
}

SOMETHING = {
    "a column more": [
        ('sa.Column("text", sa.Text()))', 'sa.Column("text", sa.Text()), sa.Column("x", sa.Text()))')
    ],
    "another type": [("sa.Integer()", "sa.BigInteger()")],
    "another statement": [("exit_code = 0", "exit_code = 1")],
    "another condition": [("kind = 'start'", "kind = 'stop'")],
    "another order": [('("a", "b")', '("b", "a")')],
    "an option that no operation holds": [("text_pattern_ops", "varchar_pattern_ops")],
    "no option": [(', postgresql_ops={"text": "text_pattern_ops"}', "")],
    "a condition": [
        ("    for name in", "    if op.get_bind().scalar(sa.text('SELECT 1')):\n      for name in"),
        ("        op.add_column", "          op.add_column"),
    ],
    "rows": [('log.info("done")', 'op.bulk_insert(sa.table("reasons", sa.column("id")), [{"id": 1}])')],
    "what cannot be read": [('log.info("done")', "op.execute(open('x.sql').read())")],
    "another place in the history": [('down_revision = "a1"', 'down_revision = "a1"\ndepends_on = "a1"')],
    "messages that do something": [
        ('log.info("done")', 'log.info(op.drop_column("deployment_events", "hint"))')
    ],
}


ROWS = (
    'log.info("done")',
    'op.bulk_insert(sa.table("reasons", sa.column("id")), [{"id": 1}])\n    log.info("done")',
)


def edited(edits: list[tuple[str, str]]) -> str:
    text = SCRIPT
    for there, new in edits:
        assert there in text
        text = text.replace(there, new)
    return text


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def is_found(runner: Runner, edits: list[tuple[str, str]]) -> bool:
    path = f"{VERSIONS}/b2_reasons.py"
    verdict = runner.change({path: edited(edits)}, {path: SCRIPT})
    assert not verdict.error
    return "history-edited-revision" in verdict.rules


@pytest.mark.parametrize("edit", NOTHING)
def test_an_edit_that_changes_nothing_of_what_it_does(edit: str, runner: Runner) -> None:
    assert not is_found(runner, NOTHING[edit])


@pytest.mark.parametrize("edit", SOMETHING)
def test_an_edit_that_changes_what_it_does(edit: str, runner: Runner) -> None:
    assert is_found(runner, SOMETHING[edit])


def test_a_downgrade_counts_where_it_is_judged(runner: Runner) -> None:
    path, settings = (
        f"{VERSIONS}/b2_reasons.py",
        {"migration-lint.toml": 'directions = ["upgrade", "downgrade"]\n'},
    )
    verdict = runner.change({path: edited(NOTHING["downgrade"])}, {path: SCRIPT, **settings})
    assert "history-edited-revision" in verdict.rules


@pytest.mark.parametrize(
    "edit",
    [
        "text()",
        "no message",
        "another time to wait",
        "an import",
        "downgrade",
        "SQL on other lines",
        "another name of a variable",
    ],
)
def test_an_edit_that_changes_nothing_beside_rows_that_are_written(edit: str, runner: Runner) -> None:
    path, base = f"{VERSIONS}/b2_reasons.py", edited([ROWS])
    after = base
    for there, new in NOTHING[edit]:
        assert there in after
        after = after.replace(there, new)
    assert "history-edited-revision" not in runner.change({path: after}, {path: base}).rules


def test_other_rows_beside_are_another_thing(runner: Runner) -> None:
    path, base = f"{VERSIONS}/b2_reasons.py", edited([ROWS])
    after = base.replace('{"id": 1}', '{"id": 2}')
    assert "history-edited-revision" in runner.change({path: after}, {path: base}).rules


def test_a_name_that_is_imported_from_elsewhere_is_another_thing(runner: Runner) -> None:
    path, base = f"{VERSIONS}/b2_reasons.py", edited([ROWS])
    base = base.replace("import logging\n", "import logging\nfrom one import up\n").replace(
        "    log.info", "    up()\n    log.info"
    )
    verdict = runner.change({path: base.replace("from one", "from two")}, {path: base})
    assert "history-edited-revision" in verdict.rules


OBJECTS = '''\
"""Reasons."""
import sqlalchemy as sa
from alembic import op
from sqlalchemy import orm
from sqlalchemy.orm import declarative_base

revision = "b2"
down_revision = "a1"


class Event(declarative_base()):
    __tablename__ = "deployment_events"
    id = sa.Column(sa.Uuid(), primary_key=True)
    kind = sa.Column(sa.Text())
    reason = sa.Column(sa.Text())


def mend(session):
    for event in session.query(Event).filter_by(kind=Event.reason).all():
        event.reason = event.kind
    session.commit()


def upgrade():
    mend(orm.Session(op.get_bind()))
    op.execute("DELETE FROM deployment_events WHERE kind = 'start'")
'''

QUERY = "session.query(Event)"
WRITTEN = '        op.execute("UPDATE deployment_events SET kind = reason")\n    session.commit()'


@pytest.mark.parametrize(
    ("options", "writes", "found"),
    [
        pytest.param("orm.load_only(Event.kind)", False, False, id="what is read is fetched"),
        pytest.param("orm.load_only(Event.id)", False, False, id="what is read is asked for later"),
        pytest.param("orm.load_only(Event.kind)", True, False, id="fetched, and rows are written"),
        pytest.param("orm.load_only(Event.id)", True, True, id="asked for after rows are written"),
        pytest.param("orm.defer(Event.kind)", False, False, id="deferred"),
        pytest.param("orm.load_only(Event.id, raiseload=True)", False, True, id="not to be asked for"),
        pytest.param("orm.raiseload('*')", False, True, id="another option"),
    ],
)
def test_how_much_of_a_row_is_fetched(options: str, writes: bool, found: bool, runner: Runner) -> None:
    path = f"{VERSIONS}/b2_reasons.py"
    base = OBJECTS.replace("    session.commit()", WRITTEN) if writes else OBJECTS
    after = base.replace(QUERY, f"{QUERY}.options({options})")
    assert ("history-edited-revision" in runner.change({path: after}, {path: base}).rules) is found


def test_what_is_fetched_no_more_at_once_counts(runner: Runner) -> None:
    path = f"{VERSIONS}/b2_reasons.py"
    base = OBJECTS.replace(QUERY, f"{QUERY}.options(orm.load_only(Event.kind))")
    assert "history-edited-revision" in runner.change({path: OBJECTS}, {path: base}).rules


def test_an_empty_id_begins_a_history_as_none_does(runner: Runner) -> None:
    base = PROJECT[FIRST].replace("down_revision = None", 'down_revision = ""')
    assert "history-edited-revision" not in runner.change({FIRST: PROJECT[FIRST]}, {FIRST: base}).rules


READS = {
    "pkg_resources": (
        "import pkg_resources",
        'pkg_resources.resource_string("app", f"sql/{name}").decode("utf-8")',
    ),
    "files": ("from importlib.resources import files as of", 'of("app").joinpath(f"sql/{name}").read_text()'),
    "a slash": (
        "import importlib.resources",
        '(importlib.resources.files("app.sql") / name).read_text("utf-8")',
    ),
    "read_text": ("from importlib import resources", 'resources.read_text("app.sql", name)'),
    "get_data": ("import pkgutil", 'pkgutil.get_data("app", f"sql/{name}").decode()'),
}
OTHERS = {
    "another package": ("import pkgutil", 'pkgutil.get_data("app.more", f"sql/{name}").decode()'),
    "another file": ("import pkgutil", 'pkgutil.get_data("app", f"sql/old_{name}").decode()'),
    "another encoding": ("import pkgutil", 'pkgutil.get_data("app", f"sql/{name}").decode("latin-1")'),
    "a function of another name": (
        "from acme import files as of",
        'of("app").joinpath(f"sql/{name}").read_text()',
    ),
}


def _reading(import_: str, call: str) -> str:
    body = f"""
    for name in ["a.sql"] if op.get_context().opts.get("x") else ["b.sql"]:
        op.execute({call})
    """
    return script(body, more=import_)


@pytest.mark.parametrize("way", [*READS, *OTHERS])
def test_a_file_of_a_package_is_read_in_another_way(way: str, runner: Runner) -> None:
    path, files = f"{VERSIONS}/b2_reasons.py", {"app/__init__.py": "", "app/sql/__init__.py": ""}
    base = {**files, "app/sql/a.sql": "DELETE FROM x;\n", path: _reading(*READS["pkg_resources"])}
    found = runner.change({path: _reading(*{**READS, **OTHERS}[way])}, base).rules
    assert ("history-edited-revision" in found) is (way in OTHERS)


IMPORTS = {
    "a session of its module": ("from sqlalchemy.orm.session import Session", "Session", False),
    "a session of the package": ("from sqlalchemy import orm", "orm.Session", False),
    "by another name": ("from sqlalchemy.orm import Session as S", "S", False),
    "by the whole name": ("import sqlalchemy.orm", "sqlalchemy.orm.Session", False),
    "another thing": ("from sqlalchemy.ext.acme import Session", "Session", True),
    "another library": ("from acme.orm import Session", "Session", True),
}


@pytest.mark.parametrize("way", IMPORTS)
def test_the_same_thing_is_imported_from_elsewhere(way: str, runner: Runner) -> None:
    path = f"{VERSIONS}/b2_reasons.py"
    body = "session = {}(bind=op.get_bind())\nsession.bulk_insert_mappings(x(), [{{'id': 1}}])"
    base = script(body.format("Session"), more="from sqlalchemy.orm import Session")
    import_, call, found = IMPORTS[way]
    after = script(body.format(call), more=import_)
    assert ("history-edited-revision" in runner.change({path: after}, {path: base}).rules) is found


@pytest.mark.parametrize("module", SAME_NAMES)
def test_modules_of_sqlalchemy_give_the_same_out(module: str) -> None:
    one, other = importlib.import_module(module), importlib.import_module(SAME_NAMES[module])
    names = {each for each in vars(one).keys() & vars(other).keys() if not each.startswith("_")}
    assert [
        each for each in sorted(names - {*SUBMODULES}) if getattr(one, each) is not getattr(other, each)
    ] == []
