"""For the tests of a service in Python: what it executes, and what it binds, keeps its contract.

    from migration_lint.testing import contract_table

    def test_the_insert_keeps_the_contract(connection):
        table = contract_table("contracts/worker.producer.yaml", "deployment_events")
        with table.watching(engine):            # every statement that SQLAlchemy sends
            upsert_autopsy_row(...)
        table.check("INSERT INTO deployment_events (kind) VALUES (%s)", ("failure_autopsy",))
        table.check_round_trip("last_lines", encode=json.dumps, decode=json.loads)

Under pytest there is a fixture of the same name, whose paths count from the root of the tests.
"""

from __future__ import annotations

from migration_lint.testing.table import ContractBroken, TableContract, contract_table

__all__ = ["ContractBroken", "TableContract", "contract_table"]
