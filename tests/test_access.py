"""Who may reach the rows of a table under contract: privileges, policies, owners."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import Runner, revision, script

TABLE = "deployment_events"
ON = f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY"
OPEN = f"CREATE POLICY everybody ON {TABLE} USING (true)"
OWN = f"CREATE POLICY own ON {TABLE} USING (kind = current_user)"
NONE = f"CREATE POLICY nobody ON {TABLE} AS RESTRICTIVE USING (false)"

Statements = list[str]

UNKEYED = f"ALTER TABLE {TABLE} DROP CONSTRAINT {TABLE}_pkey"
MADE = "CREATE FUNCTION made() RETURNS text LANGUAGE sql AS 'SELECT 1::text'"
CALLING = f"ALTER TABLE {TABLE} ALTER kind SET DEFAULT made()"
NUMBERING = f"ALTER TABLE {TABLE} ALTER exit_code SET DEFAULT nextval('numbers')"


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def severity(runner: Runner, before: Statements, change: Statements) -> str:
    """How severe it is to the gate; "": it is silent."""

    def body(statements: Statements) -> str:
        return "; ".join(f'op.execute("""{each}""")' for each in statements) or "pass"

    base = {"migrations/versions/a2.py": script(body(before), "a2", "a1")}
    found = runner.change({"migrations/versions/b2.py": script(body(change), "b2", "a2")}, base)
    assert not found.error
    told = [each for each in found.findings if each.rule == "contract-access-narrowed"]
    assert all(each.behind == {"worker.producer", "api.consumer"} for each in told)
    return " ".join(each.severity for each in told)


ROWS: list[tuple[Statements, Statements, str]] = [
    ([], [ON], "error"),
    ([], [f"{ON}, FORCE ROW LEVEL SECURITY"], "error"),
    ([], [ON, f"ALTER TABLE {TABLE} DISABLE ROW LEVEL SECURITY"], ""),
    ([], [ON, OPEN], ""),
    ([], [ON, OWN], "warning"),
    ([], [ON, OPEN, OWN], ""),
    ([], [ON, f"CREATE POLICY p ON {TABLE} FOR SELECT USING (true)"], "error"),  # no INSERT
    ([], [ON, f"CREATE POLICY p ON {TABLE} TO worker, api"], "warning"),
    ([], [ON, f"CREATE POLICY p ON {TABLE}"], ""),
    ([], [ON, f"CREATE POLICY p ON {TABLE} USING (true) WITH CHECK (false)"], "error"),
    ([ON, OPEN], [NONE], "error"),
    ([ON, OPEN], [f"CREATE POLICY r ON {TABLE} AS RESTRICTIVE USING (kind <> 'x')"], "warning"),
    ([ON, OPEN], [f"CREATE POLICY r ON {TABLE} AS RESTRICTIVE TO intern USING (false)"], "warning"),
    ([ON, OPEN], [OWN], ""),
    ([ON, OPEN], [f"DROP POLICY everybody ON {TABLE}"], "error"),
    ([ON, OPEN], [f"DROP POLICY everybody ON {TABLE}", OPEN], ""),
    ([ON, OPEN, OWN], [f"DROP POLICY everybody ON {TABLE}"], "warning"),
    ([ON, OPEN, NONE], [f"DROP POLICY nobody ON {TABLE}"], ""),
    ([ON, OPEN], [f"ALTER POLICY everybody ON {TABLE} USING (false)"], "error"),
    ([ON, OPEN], [f"ALTER POLICY everybody ON {TABLE} USING (kind = 'none')"], "warning"),
    ([ON, OPEN], [f"ALTER POLICY everybody ON {TABLE} TO worker"], "warning"),
    ([ON, OPEN], [f"ALTER POLICY everybody ON {TABLE} RENAME TO all_of_them"], ""),
    ([ON, OWN], [f"ALTER POLICY own ON {TABLE} RENAME TO owned"], ""),
    ([ON, OWN], [f"ALTER POLICY own ON {TABLE} USING (true)"], ""),
    ([ON, OWN], [f"ALTER POLICY own ON {TABLE} USING (kind = 'x')"], "warning"),
    ([ON, OPEN], [f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY"], ""),
    ([ON, OWN], [f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY"], "warning"),
]
RIGHTS: list[tuple[Statements, Statements, str]] = [
    ([], [f"REVOKE INSERT ON {TABLE} FROM worker"], "warning"),
    (
        [],
        [f'REVOKE ALL PRIVILEGES ON TABLE public."{TABLE}", deployments FROM worker, api CASCADE'],
        "warning",
    ),
    ([], [f"REVOKE SELECT (hint) ON {TABLE} FROM api"], "warning"),
    ([], ["REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM api"], "warning"),
    ([], ["REVOKE USAGE ON SCHEMA public FROM api"], "warning"),
    ([], [f"REVOKE ALL ON {TABLE} FROM PUBLIC"], "warning"),
    ([], [f"REVOKE ALL ON {TABLE} FROM PUBLIC", f"GRANT ALL ON {TABLE} TO worker"], ""),
    ([], [f"REVOKE ALL ON {TABLE} FROM worker", f"GRANT ALL ON {TABLE} TO worker"], ""),
    ([], [f"REVOKE ALL ON {TABLE} FROM worker", f"GRANT SELECT ON {TABLE} TO worker"], "warning"),
    ([], [f"GRANT ALL ON {TABLE} TO worker", f"REVOKE ALL ON {TABLE} FROM worker"], "warning"),
    ([], [f"GRANT SELECT ON {TABLE} TO worker"], ""),
    ([], [f"REVOKE GRANT OPTION FOR SELECT ON {TABLE} FROM worker"], ""),
    ([], [f"REVOKE TRUNCATE, REFERENCES ON {TABLE} FROM worker"], ""),
    ([], ["REVOKE SELECT ON ALL TABLES IN SCHEMA billing FROM api"], ""),
    ([], ["REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM api"], ""),
    ([], ["REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC", "REVOKE CREATE ON SCHEMA public FROM PUBLIC"], ""),
    ([], ["REVOKE admin FROM worker", "REVOKE ALL ON deployments FROM worker"], ""),
    ([], ["ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM api"], ""),
    ([], [f"ALTER TABLE {TABLE} OWNER TO other"], "warning"),
    ([], ["ALTER TABLE deployments OWNER TO other"], ""),
]
NOTHING = f"ALTER TABLE {TABLE} REPLICA IDENTITY NOTHING"
UPDATES: list[tuple[Statements, Statements, str]] = [
    ([], [NOTHING], ""),
    ([], [NOTHING, "CREATE PUBLICATION p FOR ALL TABLES"], "error"),
    (["CREATE PUBLICATION p FOR ALL TABLES"], [NOTHING], "error"),
    ([NOTHING], [f"CREATE PUBLICATION p FOR TABLE deployments, ONLY {TABLE} (id)"], "error"),
    ([NOTHING], ["CREATE PUBLICATION p FOR TABLES IN SCHEMA public"], "error"),
    ([NOTHING, "CREATE PUBLICATION p"], [f"ALTER PUBLICATION p ADD TABLE {TABLE}"], "error"),
    ([NOTHING], ["CREATE PUBLICATION p FOR TABLE deployments"], ""),
    ([NOTHING], ["CREATE PUBLICATION p FOR ALL TABLES WITH (publish = 'insert')"], ""),
    ([NOTHING, "CREATE PUBLICATION p FOR ALL TABLES"], ["CREATE PUBLICATION q FOR ALL TABLES"], ""),
    (["CREATE PUBLICATION p FOR ALL TABLES"], [NOTHING, "DROP PUBLICATION p"], ""),
    (
        ["CREATE PUBLICATION p FOR ALL TABLES"],
        [NOTHING, f"ALTER TABLE {TABLE} REPLICA IDENTITY DEFAULT"],
        "",
    ),
    (["CREATE PUBLICATION p FOR ALL TABLES"], [UNKEYED], "error"),
    ([UNKEYED], [f"CREATE PUBLICATION p FOR TABLE {TABLE}"], "error"),
    ([UNKEYED], [f"ALTER TABLE {TABLE} REPLICA IDENTITY FULL", "CREATE PUBLICATION p FOR ALL TABLES"], ""),
    (
        [UNKEYED, f"ALTER TABLE {TABLE} REPLICA IDENTITY FULL", "CREATE PUBLICATION p FOR ALL TABLES"],
        [f"ALTER TABLE {TABLE} REPLICA IDENTITY DEFAULT"],
        "error",
    ),
    ([UNKEYED], ["CREATE PUBLICATION p FOR ALL TABLES WITH (publish = 'insert')"], ""),
    ([], [UNKEYED], ""),
]
#: Of what the default of a column calls.
CALLED: list[tuple[Statements, Statements, str]] = [
    ([MADE, CALLING], ["REVOKE EXECUTE ON FUNCTION made() FROM PUBLIC"], "warning"),
    ([MADE, CALLING], ["REVOKE ALL ON FUNCTION public.made() FROM worker, api"], "warning"),
    (
        [MADE, CALLING],
        ["REVOKE EXECUTE ON FUNCTION made() FROM PUBLIC", "GRANT EXECUTE ON FUNCTION made() TO worker"],
        "",
    ),
    ([MADE], ["REVOKE EXECUTE ON FUNCTION made() FROM PUBLIC"], ""),
    ([MADE, CALLING], ["REVOKE EXECUTE ON FUNCTION other() FROM PUBLIC"], ""),
    (["CREATE SEQUENCE numbers", NUMBERING], ["REVOKE USAGE ON SEQUENCE numbers FROM worker"], "warning"),
]


@pytest.mark.parametrize(("before", "change", "expected"), [*ROWS, *RIGHTS, *UPDATES, *CALLED])
def test_what_is_kept_from_roles(
    runner: Runner, before: Statements, change: Statements, expected: str
) -> None:
    assert severity(runner, before, change) == expected


def test_the_sentence_says_what_from_whom(runner: Runner) -> None:
    found = runner.change(revision(f'op.execute("REVOKE ALL ON {TABLE} FROM PUBLIC, worker")'))
    assert [each.message for each in found.findings if each.rule == "contract-access-narrowed"] == [
        "SELECT, INSERT, UPDATE and DELETE on deployment_events is taken from PUBLIC and worker, "
        "but api.consumer and worker.producer did not acknowledge it"
    ]


@pytest.mark.parametrize(
    ("dialect", "statement", "taken"),
    [
        ("mssql", f"DENY INSERT ON dbo.{TABLE} TO [app]", True),
        ("mssql", f"DENY SELECT ON OBJECT::dbo.{TABLE} TO app", True),
        ("mssql", "DENY INSERT ON dbo.deployments TO app", False),
        ("mysql", f"REVOKE INSERT ON `shop`.`{TABLE}` FROM 'app'@'%'", True),
        ("mysql", "REVOKE INSERT ON shop.* FROM 'app'@'%'", True),
        ("mysql", "REVOKE INSERT ON shop.deployments FROM 'app'@'%'", False),
        ("mysql", f"GRANT INSERT ON `shop`.`{TABLE}` TO 'app'@'%'", False),
    ],
)
def test_the_words_of_other_servers(runner: Runner, dialect: str, statement: str, taken: bool) -> None:
    base = {"migration-lint.toml": f'dialect = "{dialect}"\n'}
    found = runner.change(revision(f'op.execute("{statement}")'), base)
    assert ("contract-access-narrowed" in found.rules) == taken
