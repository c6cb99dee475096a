"""A rule's example → two folders of files, before and after, that a check can be run on.

All examples start from the same place, so that each says only what is its own: one table, written by a
worker and read by an api, made by the first revision, and a contract for each side.

    before.upgrade      statements that the first revision runs besides; `before.contracts` and
    before.files        patches and files of the state before the change
    upgrade             the statements of the change's own revision, 0002; without them there is none
    contracts           what the change does to a contract:
                          null                     the file is deleted
                          a text                   the file's new text
                          columns: {hint: null}    a declaration is removed (or, with a map, put there)
                          table: null              the entry of the table is removed (with a name: renamed)
                          needs, code, acknowledges, retired, producers, consumers: put in their place
    files               files that the change writes (a text) or deletes (null), by path
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from migration_lint.named_tuple import NamedTuple
from migration_lint.rulebook.rule import Example, ExampleState

TABLE = "deployment_events"
FIRST = "migrations/versions/0001_deployment_events.py"
SECOND = "migrations/versions/0002_change.py"

PATCH_KEYS = ("columns", "table", "needs", "code", "acknowledges", "retired", "producers", "consumers")

_INI = "[alembic]\nscript_location = migrations\n"
_ENV = "# Never run: migration-lint reads the scripts only.\n"

_SCRIPT = '''"""{title}"""

from alembic import op
import sqlalchemy as sa

revision = "{revision}"
down_revision = {down}


def upgrade():
{upgrade}


def downgrade():
    pass
'''

_CREATE = """\
op.create_table(
    "deployment_events",
    sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), primary_key=True),
    sa.Column("deployment_id", sa.Uuid(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("exit_code", sa.Integer()),
    sa.Column("hint", sa.Text(), server_default="", nullable=False),
)
op.create_index("deployment_events_uniq", "deployment_events", ["deployment_id", "kind"], unique=True)"""

_WRITTEN = {
    "deployment_id": {"type": "uuid", "nullable": False},
    "kind": {"type": "text", "nullable": False},
    "exit_code": {"type": "int4", "nullable": True},
    "hint": {"type": "text", "nullable": False},
}


class _Contract(NamedTuple):
    """A contract of the shared start; `entry` is what it says of the table."""

    service: str
    role: str
    entry: Mapping[str, Any]


_CONTRACTS = {
    "worker.producer": _Contract(
        "worker", "producer", {"columns": _WRITTEN, "needs": [{"unique": ["deployment_id", "kind"]}]}
    ),
    "api.consumer": _Contract(
        "api", "consumer", {"columns": {"id": {"type": "uuid", "nullable": False}, **_WRITTEN}}
    ),
}


class Trees(NamedTuple):
    """The two states of an example's project: the text of each file, by its path."""

    before: Mapping[str, str]
    after: Mapping[str, str]


def expand(example: Example) -> Trees:
    """The files of an example, before its change and after it."""
    statements = "\n".join(part for part in (_CREATE, example.before.upgrade) if part)
    start: dict[str, str | None] = {
        "alembic.ini": _INI,
        "migrations/env.py": _ENV,
        FIRST: _script("deployment events", "0001", None, statements),
    }
    entries = {name: _patched(contract.entry, {}) for name, contract in _CONTRACTS.items()}
    before, entries = _applied(start, entries, example.before)
    change: dict[str, str | None] = dict(before)
    if example.change.upgrade:
        change[SECOND] = _script(example.name, "0002", "0001", example.change.upgrade)
    after, _ = _applied(change, entries, example.change)
    return Trees(before, after)


def _script(title: str, revision: str, down: str | None, upgrade: str) -> str:
    indented = "\n".join(f"    {line}" if line else "" for line in upgrade.split("\n"))
    down_text = "None" if down is None else f'"{down}"'
    return _SCRIPT.format(title=title, revision=revision, down=down_text, upgrade=indented)


Entries = dict[str, dict[str, Any]]


def _applied(
    files: Mapping[str, str | None], entries: Entries, state: ExampleState
) -> tuple[dict[str, str], Entries]:
    """The files with one state's patches and files, and the entries that the next state starts from."""
    made, next_entries, texts = dict(files), dict(entries), dict[str, str]()
    for name, patch in state.contracts.items():
        if isinstance(patch, str):
            texts[name] = patch if patch.endswith("\n") else patch + "\n"
            next_entries.pop(name, None)
        elif patch is None:
            next_entries.pop(name, None)
            made.pop(_contract_path(name), None)
        else:
            next_entries[name] = _patched(next_entries[name], patch)
    made.update((_contract_path(name), _contract_text(name, entry)) for name, entry in next_entries.items())
    made.update((_contract_path(name), text) for name, text in texts.items())
    made.update(state.files)
    return {path: text for path, text in made.items() if text is not None}, next_entries


def _contract_path(name: str) -> str:
    return f"contracts/{name}.yaml"


def _patched(entry: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    made = {**entry, **{key: value for key, value in patch.items() if key != "columns"}}
    columns = dict(entry.get("columns", {}))
    for name, declaration in patch.get("columns", {}).items():
        if declaration is None:
            columns.pop(name, None)
        else:
            columns[name] = declaration
    made["columns"] = columns
    return made


def _contract_text(name: str, entry: Mapping[str, Any]) -> str:
    """The contract's file. What stands right of a key is JSON, which is YAML too."""
    contract = _CONTRACTS[name]
    lines = [
        "contract: migration-lint/v1",
        f"id: {name}",
        f"service: {contract.service}",
        f"role: {contract.role}",
    ]
    table = entry.get("table", TABLE)
    if table is None:
        return "\n".join([*lines, "tables: {}", ""])
    lines += ["tables:", f"  {table}:", "    columns:"]
    lines += [f"      {key}: {json.dumps(value)}" for key, value in entry["columns"].items()]
    rest = {key: value for key, value in entry.items() if key not in ("columns", "table") and value}
    lines += [f"    {key}: {json.dumps(value)}" for key, value in rest.items()]
    return "\n".join([*lines, ""])
