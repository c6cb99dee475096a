"""`parity --database-url` and `contract init --database-url`, on real servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .database.servers import NoServer, mariadb, postgresql
from .projects import PROJECT, report, write

TABLES = {
    "postgresql": """
        CREATE TYPE kind AS ENUM ('failure_autopsy', 'restart');
        CREATE TABLE deployments (id uuid PRIMARY KEY);
        CREATE TABLE deployment_events (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            deployment_id uuid NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
            kind kind NOT NULL,
            exit_code int,
            hint varchar(200) NOT NULL DEFAULT '',
            last_lines jsonb NOT NULL DEFAULT '[]',
            tags text[],
            total numeric(10, 2),
            serial bigserial,
            created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE UNIQUE INDEX autopsy ON deployment_events (deployment_id, kind) WHERE kind = 'failure_autopsy';
        CREATE VIEW recent AS SELECT * FROM deployment_events;
    """,
    "mysql": """
        CREATE TABLE deployments (id char(36) PRIMARY KEY);
        CREATE TABLE deployment_events (
            id bigint AUTO_INCREMENT PRIMARY KEY,
            deployment_id char(36) NOT NULL,
            kind enum('failure_autopsy', 'restart') NOT NULL,
            exit_code int,
            hint varchar(200) NOT NULL DEFAULT '',
            seen tinyint(1) NOT NULL DEFAULT 0,
            created_at datetime NOT NULL DEFAULT current_timestamp(),
            FOREIGN KEY (deployment_id) REFERENCES deployments (id) ON DELETE CASCADE,
            UNIQUE KEY autopsy (deployment_id, kind)
        );
    """,
    "sqlite": """
        CREATE TABLE deployments (id text PRIMARY KEY);
        CREATE TABLE deployment_events (
            id integer PRIMARY KEY,
            deployment_id text NOT NULL REFERENCES deployments (id) ON DELETE CASCADE,
            kind text NOT NULL,
            exit_code int,
            hint varchar(200) NOT NULL DEFAULT '',
            created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
        );
        CREATE UNIQUE INDEX autopsy ON deployment_events (deployment_id, kind) WHERE kind = 'failure_autopsy';
    """,
}

#: What a contract says of each that is true, and one thing after the other that is not.
TRUE = {
    "postgresql": {
        "id": "{type: uuid, nullable: false, from: database}",
        "deployment_id": "{type: uuid, nullable: false}",
        "kind": "{type: kind, nullable: false}",
        "exit_code": "{type: int4, nullable: true}",
        "hint": "{type: varchar(200), nullable: false}",
        "last_lines": "{type: jsonb, nullable: false}",
        "tags": "{type: 'text[]', nullable: true}",
        "total": "{type: 'decimal(10,2)', nullable: true}",
        "created_at": "{type: timestamp with time zone, nullable: false, from: database}",
    },
    "mysql": {
        "id": "{type: bigint, nullable: false, from: database}",
        "deployment_id": "{type: char(36), nullable: false}",
        "exit_code": "{type: int(11), nullable: true}",
        "hint": "{type: varchar(200), nullable: false}",
        "seen": "{type: bool, nullable: false}",
        "created_at": "{type: datetime, nullable: false, from: database}",
    },
    "sqlite": {
        "id": "{type: integer, nullable: false, from: database}",
        "deployment_id": "{type: text, nullable: false}",
        "exit_code": "{type: int, nullable: true}",
        "hint": "{type: varchar(200), nullable: false}",
        "created_at": "{type: timestamp, nullable: false, from: database}",
    },
}
NEEDS = {
    "postgresql": [
        "{unique: [deployment_id, kind], where: kind = 'failure_autopsy'}",
        "{foreign_key: [deployment_id], references: deployments, on_delete: cascade}",
    ],
    "mysql": [
        "{unique: [deployment_id, kind]}",
        "{foreign_key: [deployment_id], references: deployments, on_delete: cascade}",
    ],
    "sqlite": [
        "{unique: [deployment_id, kind], where: kind = 'failure_autopsy'}",
        "{foreign_key: [deployment_id], references: deployments, on_delete: cascade}",
    ],
}


@pytest.fixture(scope="module", params=["postgresql", "mysql", "sqlite"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """A dialect, and the URL of a database that has the tables."""
    dialect: str = request.param
    if dialect == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp(dialect)}/events.db"
        fill(url, TABLES[dialect])
        yield dialect, url
        return
    try:
        with (postgresql if dialect == "postgresql" else mariadb)() as url:
            fill(url, TABLES[dialect])
            yield dialect, url
    except NoServer as reason:
        pytest.skip(f"{dialect}: {reason}")


def fill(url: str, sql: str) -> None:
    from sqlalchemy import create_engine, text

    if url.startswith("mysql"):
        server = create_engine(url.rpartition("/")[0] + "/")
        with server.begin() as connection:
            connection.execute(text("CREATE DATABASE IF NOT EXISTS test"))
        server.dispose()
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in filter(str.strip, sql.split(";\n")):
            connection.execute(text(statement))
    engine.dispose()


def contract(dialect: str, **changes: str) -> str:
    columns = {**TRUE[dialect], **changes}
    lines = [f"      {name}: {said}" for name, said in columns.items() if said]
    return "\n".join(
        ["contract: migration-lint/v1", "id: api.consumer", "service: api", "role: consumer", "tables:",
         "  deployment_events:", "    columns:", *lines, "    needs:",
         *(f"      - {need}" for need in NEEDS[dialect]), ""]
    )  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: tuple[str, str]) -> Path:
    settings = f'dialect = "{database[0]}"\n'
    monkeypatch.chdir(
        write(tmp_path, {"migration-lint.toml": settings, "alembic.ini": PROJECT["alembic.ini"]})
    )
    write(tmp_path, {"migrations/versions/.keep": ""})
    return tmp_path


def parity(project: Path, database: tuple[str, str], capsys: pytest.CaptureFixture[str], text: str) -> str:
    write(project, {"contracts/api.consumer.yaml": text})
    return report(capsys, "parity", "--database-url", database[1])


def test_what_is_true_is_silent(
    project: Path, database: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = parity(project, database, capsys, contract(database[0]))
    assert found.startswith("exit status 0"), found
    assert "no findings in 1 contract" in found
    assert "secret-word" not in found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"hint": "{type: bigint, nullable: false}"},
            "declares deployment_events.hint as bigint, and the database has",
        ),
        ({"hint": "{type: varchar(200), nullable: true}"}, "says nullable: true of deployment_events.hint"),
        (
            {"hint_text": "{type: text}"},
            "declares deployment_events.hint_text, which the database does not have",
        ),
    ],
)
def test_what_is_not_is_found(
    change: dict[str, str],
    said: str,
    project: Path,
    database: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = parity(project, database, capsys, contract(database[0], **change))
    assert found.count(said) == 1, found
    assert "secret-word" not in found
    # Both places: the contract's line, and the database without its secrets.
    assert "--> contracts/api.consumer.yaml:" in found
    assert "  ::: " in found


def test_a_need_that_is_not_met(
    project: Path, database: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = contract(database[0]).replace("on_delete: cascade", "on_delete: set null")
    found = parity(
        project, database, capsys, text.replace("[deployment_id, kind]", "[deployment_id, exit_code]")
    )
    assert found.count("error[schema-need-missing]") == 2, found


def test_a_table_that_is_not_there(
    project: Path, database: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = parity(
        project, database, capsys, contract(database[0]).replace("  deployment_events:", "  events:")
    )
    assert "error[schema-table-missing]: api.consumer names events, which the database does not have" in found


def test_init_from_the_database(
    project: Path, database: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    said = report(
        capsys, "contract", "init", "deployment_events", "--producer", "worker", "--consumer", "api",
        "--database-url", database[1],
    )  # fmt: skip
    assert said.startswith("exit status 0"), said
    found = report(capsys, "parity", "--database-url", database[1])
    assert found.startswith("exit status 0"), found


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///missing.db", "the database missing.db does not exist"),
        ("no url: hunter2", "the URL of the database cannot be read"),
        ("oracle://scott:hunter2@host/x", "databases of the kind oracle are not read"),
        (
            "postgresql+psycopg://u:hunter2@127.0.0.1:1/x",
            "postgresql+psycopg://u@127.0.0.1:1/x cannot be asked",
        ),
        ("postgresql+nodriver://u:hunter2@127.0.0.1:1/x", "correct the URL"),
        (
            "mysql+pymysql://u:hunter2@127.0.0.1:1/x?ssl_key=hunter2",
            "mysql+pymysql://u@127.0.0.1:1/x cannot be asked",
        ),
    ],
)
def test_a_database_that_cannot_be_asked(
    url: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path, PROJECT))
    monkeypatch.setenv("MIGRATION_LINT_DATABASE_URL", url)
    found = report(capsys, "parity")
    assert found.startswith("exit status 2"), found
    assert said in found
    assert "hunter2" not in found
    assert not list(tmp_path.glob("*.db"))
