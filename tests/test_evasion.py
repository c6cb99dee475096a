"""Ways to get a breaking change past the gate, all within one change. None may pass.

Each entry says how the change tries it, and which rule finds it (or, for what cannot be judged, status 2 and
what is said). Unless an entry says otherwise, neither contract follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from .projects import (
    CONSUMER,
    FIRST,
    PRODUCER,
    PROJECT,
    VERSIONS,
    Files,
    Runner,
    acknowledging,
    revision,
    script,
)

DROPPED = "contract-column-dropped"
RENAMED = "contract-column-renamed"
RETYPED = "contract-column-type-changed"
RECREATED = "contract-column-recreated"
TABLE_DROPPED = "contract-table-dropped"
TABLE_RENAMED = "contract-table-renamed"
TABLE_MOVED = "contract-table-moved"
TABLE_RECREATED = "contract-table-recreated"
NULLABILITY = "contract-nullability-changed"
OPAQUE = "contract-opaque-operation"
REMOVED = "contract-removed"
DISAGREES = "contract-disagrees-with-schema"
SIDE_MISSING = "contract-side-missing"
EDITED = "history-edited-revision"
REVISION_REMOVED = "history-removed-revision"

DROP = revision('op.drop_column("deployment_events", "hint")')
HINT = "      hint: {type: text, nullable: false}\n"
MADE_HINT = '        sa.Column("hint", sa.Text(), nullable=False, server_default=""),\n'
P, C = PROJECT[PRODUCER], PROJECT[CONSUMER]
FOLLOWING = {PRODUCER: P.replace(HINT, ""), CONSUMER: C.replace(HINT, "")}

#: The same history in two steps: `hint` comes with b2.
TWO_STEPS = {
    FIRST: PROJECT[FIRST].replace(MADE_HINT, ""),
    **revision(
        'op.add_column("deployment_events", sa.Column("hint", sa.Text(), nullable=False, server_default=""))'
    ),
}


class Evasion(NamedTuple):
    """`rules` are all that are found. Without any, nothing can be judged, and `says` says why."""

    rules: set[str]
    after: Files
    before: Files = {}
    says: str = ""


def sql(*statements: str) -> dict[str, str]:
    """A revision that executes SQL."""
    return revision("\n".join(f"op.execute({statement!r})" for statement in statements))


def in_schema(schema: str, contract: str) -> str:
    return contract.replace("  deployment_events:", f"  {schema}.deployment_events:")


#: The table stands in a schema of its own.
AUDIT = {
    FIRST: PROJECT[FIRST].replace(MADE_HINT, MADE_HINT + '        schema="audit",\n'),
    PRODUCER: in_schema("audit", P),
    CONSUMER: in_schema("audit", C),
}
#: Its name needs quotes.
QUOTED = {path: text.replace("deployment_events", "Deployment_Events") for path, text in PROJECT.items()}

IN_THE_ISSUE = {
    "rename the table in one revision, drop the column in the next": Evasion(
        {TABLE_RENAMED, DROPPED},
        {
            **revision('op.rename_table("deployment_events", "events")'),
            **revision('op.drop_column("events", "hint")', "c3", "b2"),
        },
    ),
    "rename the column, then drop the new name": Evasion(
        {DROPPED},
        {
            **revision('op.alter_column("deployment_events", "hint", new_column_name="old_hint")'),
            **revision('op.drop_column("deployment_events", "old_hint")', "c3", "b2"),
        },
    ),
    "drop and add again": Evasion(
        {RECREATED},
        revision(
            """
            op.drop_column("deployment_events", "hint")
            hint = sa.Column("hint", sa.Text(), nullable=False, server_default="")
            op.add_column("deployment_events", hint)
            """
        ),
    ),
    "edit an old revision's create_table": Evasion(
        {DROPPED, EDITED}, {FIRST: PROJECT[FIRST].replace(MADE_HINT, "")}
    ),
    "delete the contract": Evasion({REMOVED}, {CONSUMER: None}),
    "delete the contract with the drop": Evasion(
        {REMOVED, DROPPED}, {**DROP, CONSUMER: None, PRODUCER: FOLLOWING[PRODUCER]}
    ),
    "delete both contracts with the drop": Evasion(
        {REMOVED, DROPPED}, {**DROP, CONSUMER: None, PRODUCER: None}
    ),
    "delete the revision": Evasion({DROPPED, REVISION_REMOVED}, {f"{VERSIONS}/b2.py": None}, TWO_STEPS),
}

THROUGH_THE_DATABASE = {
    "move the table to another schema, drop there": Evasion(
        {TABLE_MOVED, DROPPED},
        sql(
            "CREATE SCHEMA audit",
            "ALTER TABLE deployment_events SET SCHEMA audit",
            "ALTER TABLE audit.deployment_events DROP COLUMN hint",
        ),
    ),
    "drop the schema": Evasion({TABLE_DROPPED}, sql("DROP SCHEMA public CASCADE")),
    "drop the schema of the column's type": Evasion(
        {DROPPED},
        revision('op.execute("DROP SCHEMA sorts CASCADE")', "c3", "b2"),
        sql(
            "CREATE SCHEMA sorts",
            "CREATE DOMAIN sorts.note AS text",
            "ALTER TABLE deployment_events ALTER hint TYPE sorts.note",
        ),
    ),
    "drop the column's type": Evasion(
        {DROPPED},
        sql("DROP TYPE severity CASCADE"),
        {
            FIRST: PROJECT[FIRST].replace(
                'sa.Column("hint", sa.Text()', 'sa.Column("hint", sa.Enum("low", "high", name="severity")'
            ),
            PRODUCER: P.replace("hint: {type: text", "hint: {type: severity"),
            CONSUMER: C.replace("hint: {type: text", "hint: {type: severity"),
        },
    ),
    "drop the extension that the column's type is of": Evasion(
        {DROPPED},
        sql("DROP EXTENSION citext CASCADE"),
        {
            FIRST: PROJECT[FIRST].replace(MADE_HINT, "")
            + "    op.execute('CREATE EXTENSION citext')\n"
            + "    op.execute('ALTER TABLE deployment_events ADD COLUMN hint citext NOT NULL')\n",
            PRODUCER: P.replace("hint: {type: text", "hint: {type: citext"),
            CONSUMER: C.replace("hint: {type: text", "hint: {type: citext"),
        },
    ),
    "drop all that a role owns": Evasion({OPAQUE}, sql("DROP OWNED BY app CASCADE")),
    "drop the table and make it again without the column": Evasion(
        {TABLE_RECREATED, DROPPED},
        revision(
            """
            op.drop_table("deployment_events")
            op.create_table(
                "deployment_events",
                sa.Column("id", sa.Uuid(), primary_key=True),
                sa.Column("kind", sa.Text(), nullable=False),
                sa.Column("exit_code", sa.Integer()),
            )
            """
        ),
    ),
    "copy the rows to a table without the column, and swap": Evasion(
        {DROPPED, NULLABILITY},  # what is copied may be NULL
        sql(
            "CREATE TABLE fresh AS SELECT id, kind, exit_code FROM deployment_events",
            "DROP TABLE deployment_events",
            "ALTER TABLE fresh RENAME TO deployment_events",
        ),
    ),
    "swap two columns by renames": Evasion(
        {RENAMED},
        revision(
            """
            op.alter_column("deployment_events", "hint", new_column_name="x")
            op.alter_column("deployment_events", "kind", new_column_name="hint")
            op.alter_column("deployment_events", "x", new_column_name="kind")
            """
        ),
    ),
    "swap two tables by renames": Evasion(
        {TABLE_RENAMED},
        revision(
            """
            op.create_table("spare", sa.Column("id", sa.Uuid()), sa.Column("kind", sa.Text()))
            op.rename_table("deployment_events", "old")
            op.rename_table("spare", "deployment_events")
            """
        ),
    ),
    "keep a view under the old name that lacks the column": Evasion(
        {TABLE_RENAMED},
        sql(
            "ALTER TABLE deployment_events RENAME TO events",
            "CREATE VIEW deployment_events AS SELECT id, kind, exit_code FROM events",
        ),
    ),
    "keep a view under the old name, and drop it": Evasion(
        {TABLE_RENAMED},
        {
            **sql(
                "ALTER TABLE deployment_events RENAME TO events",
                "CREATE VIEW deployment_events AS SELECT * FROM events",
            ),
            **revision('op.execute("DROP VIEW deployment_events")', "c3", "b2"),
        },
    ),
    "keep the old column beside the new, and drop it": Evasion(
        {RENAMED},
        {
            **sql(
                "ALTER TABLE deployment_events RENAME hint TO hint_text",
                "ALTER TABLE deployment_events ADD hint text GENERATED ALWAYS AS (hint_text) STORED",
            ),
            **revision('op.drop_column("deployment_events", "hint")', "c3", "b2"),
        },
    ),
    "make a temporary table of the same name, and drop twice": Evasion(
        {TABLE_DROPPED},
        sql(
            "CREATE TEMPORARY TABLE deployment_events (id int)",
            "DROP TABLE deployment_events",
            "DROP TABLE deployment_events",
        ),
    ),
    "a function that drops, and a call of it": Evasion(
        {DROPPED},
        sql(
            "CREATE FUNCTION tidy() RETURNS void LANGUAGE plpgsql AS "
            "$$ BEGIN EXECUTE 'ALTER TABLE deployment_events DROP COLUMN hint'; END $$",
            "SELECT tidy()",
        ),
    ),
    "a DO block": Evasion(
        {DROPPED},
        sql("DO $$ BEGIN ALTER TABLE deployment_events DROP COLUMN hint; END $$"),
    ),
    "a DO block that puts the statement together": Evasion(
        {OPAQUE},
        sql("DO $$ DECLARE t text := current_setting('x'); BEGIN EXECUTE 'DROP TABLE ' || t; END $$"),
    ),
    "rename in the system's own tables": Evasion(
        {OPAQUE}, sql("UPDATE pg_attribute SET attname = 'hint_text' WHERE attname = 'hint'")
    ),
}

BY_SPELLING = {
    "upper case": Evasion({DROPPED}, sql("ALTER TABLE DEPLOYMENT_EVENTS DROP COLUMN HINT")),
    "quotes, and no word COLUMN": Evasion({DROPPED}, sql('ALTER TABLE "deployment_events" DROP "hint"')),
    "one action among several": Evasion(
        {DROPPED},
        sql("ALTER TABLE ONLY deployment_events ADD COLUMN a int, DROP COLUMN IF EXISTS hint, ADD b int"),
    ),
    "one statement among several": Evasion(
        {DROPPED},
        sql("SELECT 1; /* ; */ ALTER/**/TABLE deployment_events DROP COLUMN hint -- ;\n; SELECT ';'"),
    ),
    "the schema spelled out": Evasion(
        {DROPPED}, sql("ALTER TABLE public.deployment_events DROP COLUMN hint")
    ),
    "schema=": Evasion({DROPPED}, revision('op.drop_column("deployment_events", "hint", schema="public")')),
    "the schema spelled out in the contract alone": Evasion(
        {DROPPED}, {**DROP, PRODUCER: in_schema("public", P), CONSUMER: in_schema("public", C)}
    ),
    "search_path": Evasion(
        {DROPPED}, sql("SET search_path TO audit", "ALTER TABLE deployment_events DROP COLUMN hint"), AUDIT
    ),
    "search_path within the statement's own text": Evasion(
        {DROPPED},
        sql("SET LOCAL search_path = audit, public; ALTER TABLE deployment_events DROP hint"),
        AUDIT,
    ),
    "search_path that nobody knows": Evasion(
        {OPAQUE},
        revision(
            """
            import os

            op.execute("SET search_path TO " + os.environ["TENANT"])
            op.execute("ALTER TABLE deployment_events DROP COLUMN hint")
            """
        ),
        AUDIT,
    ),
    "a name that needs quotes": Evasion(
        {DROPPED}, revision('op.drop_column("Deployment_Events", "hint")'), QUOTED
    ),
    "a name that needs quotes, in SQL": Evasion(
        {DROPPED}, sql('ALTER TABLE "Deployment_Events" DROP COLUMN hint'), QUOTED
    ),
    "contracts that spell it in lower case": Evasion(
        {DROPPED, REMOVED},
        {**revision('op.drop_column("Deployment_Events", "hint")'), PRODUCER: P, CONSUMER: C},
        QUOTED,
    ),
    "op.f": Evasion({DROPPED}, revision('op.drop_column(op.f("deployment_events"), op.f("hint"))')),
}

BY_PYTHON = {
    "a helper module": Evasion(
        {DROPPED},
        {
            "migrations/steps.py": "from alembic import op\n\n\ndef tidy():\n"
            "    op.drop_column('deployment_events', 'hint')\n",
            **revision("from migrations.steps import tidy\n\ntidy()"),
        },
    ),
    "a helper module of the version folder": Evasion(
        {DROPPED},
        {
            "migrations/steps.py": "from alembic import op\n\n\ndef upgrade():\n"
            "    op.drop_column('deployment_events', 'hint')\n",
            f"{VERSIONS}/b2.py": "from migrations.steps import upgrade\n"
            "\nrevision = 'b2'\ndown_revision = 'a1'\n",
        },
    ),
    "edit a helper module that an old revision uses": Evasion(
        {DROPPED, EDITED},
        {"migrations/steps.py": "COLUMNS = []\n"},
        {
            "migrations/steps.py": "COLUMNS = ['hint']\n",
            FIRST: PROJECT[FIRST].replace(MADE_HINT, "")
            + "    from migrations.steps import COLUMNS\n\n"
            + "    for name in COLUMNS:\n"
            + '        op.add_column("deployment_events", sa.Column(name, sa.Text(), nullable=False))\n',
        },
    ),
    "a helper that is not in the tree": Evasion(
        {OPAQUE}, revision("from vendor.migrations import tidy\n\ntidy(op.get_bind())")
    ),
    "a condition": Evasion(
        {DROPPED},
        revision('import os\n\nif os.environ.get("X"):\n    op.drop_column("deployment_events", "hint")'),
    ),
    "a condition that asks the database": Evasion(
        {DROPPED},
        revision(
            """
            if "hint" in [c["name"] for c in sa.inspect(op.get_bind()).get_columns("deployment_events")]:
                op.drop_column("deployment_events", "hint")
            """
        ),
    ),
    "an early return": Evasion(
        {DROPPED},
        revision(
            'import os\n\nif os.environ.get("X"):\n    return\nop.drop_column("deployment_events", "hint")'
        ),
    ),
    "try": Evasion(
        {DROPPED},
        revision('try:\n    op.drop_column("deployment_events", "hint")\nexcept Exception:\n    pass'),
    ),
    "except": Evasion(
        {DROPPED},
        revision('try:\n    int("x")\nexcept ValueError:\n    op.drop_column("deployment_events", "hint")'),
    ),
    "a loop over what nobody knows": Evasion(
        {OPAQUE},
        revision(
            "import os\n\nfor name in os.environ['X'].split():\n    op.drop_column('deployment_events', name)"
        ),
    ),
    "a table that nobody knows": Evasion(
        {OPAQUE}, revision('import os\n\nop.drop_column(os.environ["TABLE"], "hint")')
    ),
    "a comprehension": Evasion(
        {DROPPED}, revision('[op.drop_column("deployment_events", name) for name in ("hint",)]')
    ),
    "map": Evasion(
        {DROPPED}, revision('list(map(lambda name: op.drop_column("deployment_events", name), ["hint"]))')
    ),
    "functools.partial": Evasion(
        {DROPPED},
        revision('import functools\n\nfunctools.partial(op.drop_column, "deployment_events")("hint")'),
    ),
    "getattr": Evasion({DROPPED}, revision('getattr(op, "drop_" + "column")("deployment_events", "hint")')),
    "getattr of what nobody knows": Evasion(
        {OPAQUE}, revision('import os\n\ngetattr(op, os.environ["X"])("deployment_events", "hint")')
    ),
    "exec": Evasion({DROPPED}, revision("""exec('op.drop_column("deployment_events", "hint")')""")),
    "eval": Evasion({DROPPED}, revision("""eval('op.drop_column("deployment_events", "hint")')""")),
    "another name for it": Evasion(
        {DROPPED}, revision('from alembic.op import drop_column as keep\n\nkeep("deployment_events", "hint")')
    ),
    "__import__": Evasion(
        {DROPPED}, revision('__import__("alembic").op.drop_column("deployment_events", "hint")')
    ),
    "importlib": Evasion(
        {DROPPED},
        revision(
            'import importlib as i\n\ni.import_module("alembic.op").drop_column("deployment_events", "hint")'
        ),
    ),
    "sys.modules": Evasion(
        {DROPPED},
        revision('import sys\n\nsys.modules["alembic.op"].drop_column("deployment_events", "hint")'),
    ),
    "op.invoke": Evasion(
        {DROPPED},
        revision(
            """
            from alembic.operations import ops

            op.invoke(ops.DropColumnOp("deployment_events", "hint"))
            """
        ),
    ),
    "the context's connection": Evasion(
        {DROPPED},
        revision(
            'op.get_context().connection.exec_driver_sql("ALTER TABLE deployment_events DROP COLUMN hint")'
        ),
    ),
    "an ORM session": Evasion(
        {DROPPED},
        revision(
            """
            from sqlalchemy.orm import Session

            with Session(bind=op.get_bind()) as session:
                session.execute(sa.text("ALTER TABLE deployment_events DROP COLUMN hint"))
            """
        ),
    ),
    "a reflected table": Evasion(
        {TABLE_DROPPED},
        revision(
            """
            bind = op.get_bind()
            sa.Table("deployment_events", sa.MetaData(), autoload_with=bind).drop(bind)
            """
        ),
    ),
    "an engine of its own": Evasion(
        {OPAQUE},
        revision(
            """
            import os

            with sa.create_engine(os.environ["URL"]).begin() as connection:
                connection.execute(sa.text(os.environ["STATEMENT"]))
            """
        ),
    ),
    "another program": Evasion(
        {OPAQUE},
        revision("""import os\n\nos.system('psql -c "ALTER TABLE deployment_events DROP COLUMN hint"')"""),
    ),
    "a thread": Evasion(
        {OPAQUE},
        revision(
            """
            import threading

            threading.Thread(target=op.drop_column, args=("deployment_events", "hint")).start()
            """
        ),
    ),
    "at the end of the process": Evasion(
        {OPAQUE},
        revision('import atexit\n\natexit.register(op.drop_column, "deployment_events", "hint")'),
    ),
    "upgrade calls downgrade": Evasion(
        {DROPPED},
        {
            f"{VERSIONS}/b2.py": script(
                "downgrade()",
                more='def downgrade():\n    op.drop_column("deployment_events", "hint")',
            )
        },
    ),
    "upgrade defined twice": Evasion(
        {DROPPED},
        {
            f"{VERSIONS}/b2.py": script("pass")
            + '\n\ndef upgrade():\n    op.drop_column("deployment_events", "hint")\n'
        },
    ),
    "upgrade is a variable": Evasion(
        {DROPPED},
        {
            f"{VERSIONS}/b2.py": "from alembic import op\n\nrevision = 'b2'\ndown_revision = 'a1'\n\n"
            "upgrade = lambda: op.drop_column('deployment_events', 'hint')\n"
        },
    ),
    "when the script is imported": Evasion(
        {DROPPED},
        {f"{VERSIONS}/b2.py": script("pass", more='op.drop_column("deployment_events", "hint")')},
    ),
    "a script in another encoding": Evasion(
        set(),
        {
            f"{VERSIONS}/b2.py": b"# coding: utf-16\n"
            + script('op.drop_column("deployment_events", "hint")').encode()
        },
        says="is not utf-16",
    ),
    "exec of what nobody knows": Evasion(
        {OPAQUE}, revision('import os\n\nexec(os.environ["X"], {"op": op})')
    ),
    "hidden by an encoding": Evasion(
        {DROPPED},
        {
            f"{VERSIONS}/b2.py": "# coding: utf-7\n"
            + script("pass # +AAo-    op.drop_column('deployment_events', 'hint')")
        },
    ),
}

THROUGH_THE_HISTORY = {
    "another file name": Evasion(
        {DROPPED, EDITED},
        {FIRST: None, f"{VERSIONS}/renamed.py": PROJECT[FIRST].replace(MADE_HINT, "")},
    ),
    "an id put together": Evasion(
        {DROPPED},
        {f"{VERSIONS}/b2.py": DROP[f"{VERSIONS}/b2.py"].replace("'b2'", "'b' + '2'")},
    ),
    "put between two old revisions": Evasion(
        {DROPPED, EDITED},
        {**revision('op.drop_column("deployment_events", "hint")', "a2"), **revision("pass", "b2", "a2")},
        revision("pass"),
    ),
    "on a branch that is merged again": Evasion(
        {DROPPED},
        {
            **revision("pass", "b2"),
            **revision('op.drop_column("deployment_events", "hint")', "b3"),
            **revision("pass", "c4", ("b2", "b3")),
        },
    ),
    "in the merge itself": Evasion(
        {DROPPED},
        {
            **revision("pass", "b2"),
            **revision("pass", "b3"),
            **revision('op.drop_column("deployment_events", "hint")', "c4", ("b2", "b3")),
        },
    ),
    "on a second head": Evasion(
        {DROPPED, "history-multiple-heads"},
        revision('op.drop_column("deployment_events", "hint")', "b3"),
        revision("pass"),
    ),
    "on a branch of its own that depends on the table's": Evasion(
        {DROPPED, "history-multiple-heads"},
        {
            f"{VERSIONS}/x1.py": script(
                'op.drop_column("deployment_events", "hint")', "x1", None, more='depends_on = "a1"'
            )
        },
    ),
    "another version location": Evasion(
        {DROPPED},
        {
            "alembic.ini": PROJECT["alembic.ini"] + "version_locations = migrations/versions more\n",
            "more/b2.py": script('op.drop_column("deployment_events", "hint")'),
        },
    ),
    "another version location, and none of the old": Evasion(
        {TABLE_DROPPED, REVISION_REMOVED},
        {
            "alembic.ini": "[alembic]\nscript_location = migrations\nversion_locations = more\n",
            "more/x1.py": script("pass", "x1", None),
        },
    ),
    "a folder below, recursively": Evasion(
        {DROPPED},
        {
            "alembic.ini": PROJECT["alembic.ini"] + "recursive_version_locations = true\n",
            f"{VERSIONS}/2026/b2.py": script('op.drop_column("deployment_events", "hint")'),
        },
    ),
    "a second environment": Evasion(
        set(),
        {
            "second/alembic.ini": "[alembic]\nscript_location = scripts\n",
            "second/scripts/versions/x1.py": script(
                'op.drop_column("deployment_events", "hint")', "x1", None
            ),
        },
        says="deployment_events is a table of migrations and second",
    ),
    "no environment any more": Evasion({TABLE_DROPPED, REVISION_REMOVED}, {"alembic.ini": None, FIRST: None}),
    "a cycle": Evasion(
        set(),
        {FIRST: PROJECT[FIRST].replace("= None", "= 'b2'"), **DROP},
        says="b2",
    ),
    "two scripts of one id": Evasion(set(), {**DROP, f"{VERSIONS}/twice.py": script("pass")}, says="b2"),
    "an old id for a new drop": Evasion(
        {DROPPED, EDITED},
        DROP,
        {**revision("pass"), PRODUCER: acknowledging(P, "b2"), CONSUMER: acknowledging(C, "b2")},
    ),
}

THROUGH_THE_CONTRACTS = {
    "moved out of the configured folder": Evasion(
        {REMOVED, DROPPED},
        {**DROP, PRODUCER: None, CONSUMER: None, "docs/worker.yaml": P, "docs/api.yaml": C},
    ),
    "another file name ending": Evasion(
        {REMOVED, DROPPED}, {**DROP, CONSUMER: None, "contracts/api.consumer.yaml.off": C}
    ),
    "an empty reason": Evasion(
        set(), {**DROP, PRODUCER: acknowledging(P, "b2", '""'), CONSUMER: C}, says="b2"
    ),
    "the proposed reason": Evasion(
        set(), {**DROP, PRODUCER: acknowledging(P, "b2", "<why this is safe>")}, says="reason"
    ),
    "no reason": Evasion(set(), {**DROP, PRODUCER: acknowledging(P, "b2", "")}, says="b2"),
    "another revision acknowledged": Evasion(
        {DROPPED}, {**DROP, PRODUCER: acknowledging(P, "a1"), CONSUMER: acknowledging(C, "a1")}
    ),
    "a revision acknowledged that is not there": Evasion(
        set(), {**DROP, PRODUCER: acknowledging(P, "b3")}, says="acknowledges b3, which is no revision here"
    ),
    "a part of the id acknowledged": Evasion(
        set(), {**DROP, PRODUCER: acknowledging(P, "b")}, says="did you mean b2?"
    ),
    "the id acknowledged in another case": Evasion(
        set(), {**DROP, CONSUMER: acknowledging(C, "B2")}, says="did you mean b2?"
    ),
    "acknowledged under another table": Evasion(
        {DROPPED},
        {
            **DROP,
            PRODUCER: acknowledging(P + "  other:\n    columns:\n      id: {type: uuid}\n", "b2"),
            CONSUMER: acknowledging(C + "  other:\n    columns:\n      id: {type: uuid}\n", "b2"),
            FIRST: PROJECT[FIRST] + '    op.create_table("other", sa.Column("id", sa.Uuid()))\n',
        },
        {FIRST: PROJECT[FIRST] + '    op.create_table("other", sa.Column("id", sa.Uuid()))\n'},
    ),
    "an acknowledgement of long ago": Evasion(
        {DROPPED}, DROP, {PRODUCER: acknowledging(P, "b2"), CONSUMER: acknowledging(C, "b2")}
    ),
    "an old acknowledgement with a new reason": Evasion(
        {DROPPED},
        {
            **DROP,
            PRODUCER: acknowledging(P, "b2", "other words"),
            CONSUMER: acknowledging(C, "b2", "other words"),
        },
        {PRODUCER: acknowledging(P, "b2"), CONSUMER: acknowledging(C, "b2")},
    ),
    "another id": Evasion(
        {REMOVED, DROPPED},
        {**DROP, **FOLLOWING, CONSUMER: FOLLOWING[CONSUMER].replace("api.consumer", "api2.consumer")},
    ),
    "another id and another file": Evasion(
        {REMOVED, DROPPED},
        {
            **DROP,
            **FOLLOWING,
            CONSUMER: None,
            "contracts/api2.yaml": FOLLOWING[CONSUMER].replace("api.consumer", "api2.consumer"),
        },
    ),
    "roles swapped": Evasion(
        {REMOVED, DROPPED},
        {
            **DROP,
            PRODUCER: FOLLOWING[PRODUCER].replace("role: producer", "role: consumer"),
            CONSUMER: FOLLOWING[CONSUMER].replace("role: consumer", "role: producer"),
        },
    ),
    "ids swapped": Evasion(
        {REMOVED, DROPPED},
        {
            **DROP,
            PRODUCER: FOLLOWING[PRODUCER].replace("id: worker.producer", "id: api.consumer"),
            CONSUMER: FOLLOWING[CONSUMER].replace("id: api.consumer", "id: worker.producer"),
        },
    ),
    "a side that calls the other empty": Evasion(
        {REMOVED, DROPPED},
        {
            **DROP,
            CONSUMER: None,
            PRODUCER: FOLLOWING[PRODUCER].replace(
                "  deployment_events:\n", "  deployment_events:\n    consumers: none\n"
            ),
        },
    ),
    "made unreadable": Evasion(set(), {**DROP, CONSUMER: C + "\t- {\n"}, says=CONSUMER),
    "made something else": Evasion(set(), {**DROP, CONSUMER: "kind: Deployment\n"}, says=CONSUMER),
    "emptied": Evasion(set(), {**DROP, CONSUMER: ""}, says=CONSUMER),
    "a second one with the same id": Evasion(
        set(), {**DROP, **FOLLOWING, "contracts/old.yaml": C}, says="api.consumer"
    ),
    "a new one beside the old": Evasion(
        {DROPPED},
        {**DROP, "contracts/new.yaml": FOLLOWING[CONSUMER].replace("api.consumer", "web.consumer")},
    ),
    "one that says so ahead of its table": Evasion(
        {DISAGREES},
        {PRODUCER: FOLLOWING[PRODUCER].replace("int4", "int8"), CONSUMER: FOLLOWING[CONSUMER]},
        {PRODUCER: None, CONSUMER: None},
    ),
}


def configured(text: str) -> dict[str, str]:
    return {"migration-lint.toml": text}


THROUGH_THE_CONFIGURATION = {
    "contracts": Evasion({DROPPED}, {**DROP, **configured('contracts = ["elsewhere/*.yaml"]')}),
    "contracts that match nothing of head": Evasion(
        set(),
        {**DROP, **configured('contracts = ["e/*.yaml"]'), PRODUCER: None, CONSUMER: None, "e/a.yaml": ""},
        says="e/a.yaml",
    ),
    "severity": Evasion({DROPPED}, {**DROP, **configured(f'severity.{DROPPED} = "off"')}),
    "require": Evasion(
        {DROPPED},
        {
            **DROP,
            **configured('require = "touched"'),
            PRODUCER: P + "# touched\n",
            CONSUMER: C + "# touched\n",
        },
    ),
    "accept-earlier-consent": Evasion(
        {RETYPED},
        {
            **revision('op.alter_column("deployment_events", "exit_code", type_=sa.BigInteger())'),
            **configured("accept-earlier-consent = true"),
        },
        {PRODUCER: P.replace("int4", "int8"), CONSUMER: C.replace("int4", "int8")},
    ),
    "dialect": Evasion(
        {RETYPED},
        {
            **revision('op.alter_column("deployment_events", "exit_code", type_=sa.BigInteger())'),
            **configured('dialect = "sqlite"'),
        },
    ),
    "default-schema": Evasion({DROPPED}, {**DROP, **configured('default-schema = "elsewhere"')}),
    "directions": Evasion(
        {DROPPED},
        {
            f"{VERSIONS}/b2.py": script("pass")
            + '\n\ndef downgrade():\n    op.drop_column("deployment_events", "hint")\n',
            **configured('directions = ["upgrade"]'),
        },
        configured('directions = ["upgrade", "downgrade"]'),
    ),
    "no directions": Evasion(set(), {**DROP, **configured("directions = []")}, says="directions"),
    "protected": Evasion(
        {SIDE_MISSING},
        {**DROP, **configured("protected = []")},
        {**configured('protected = ["deployment_events"]'), PRODUCER: None, CONSUMER: None},
    ),
    "alembic": Evasion(
        {DROPPED},
        {
            **DROP,
            **configured('alembic = "empty"'),
            "empty/env.py": "from alembic import context\n",
            "empty/versions/x1.py": script("pass", "x1", None),
        },
    ),
    "fail-on": Evasion(
        {"contract-default-changed"},
        {
            **revision('op.alter_column("deployment_events", "hint", server_default="none")'),
            **configured('fail-on = "error"'),
        },
        configured('fail-on = "warning"'),
    ),
    "a rule of the project's own with the same name": Evasion(
        set(),
        {
            **DROP,
            **configured('rules = ["lint"]'),
            f"lint/contract/{DROPPED}.yaml": "summary: nothing\nseverity: info\non: column_dropped\n"
            "message: nothing\nwhy: nothing\nfix: nothing\n",
        },
        says=DROPPED,
    ),
    "a comment": Evasion(
        {DROPPED, "suppression-not-allowed"},
        revision(f'op.drop_column("deployment_events", "hint")  # migration-lint: ignore[{DROPPED}] we know'),
    ),
}

EVASIONS: Mapping[str, Mapping[str, Evasion]] = {
    "issue": IN_THE_ISSUE,
    "database": THROUGH_THE_DATABASE,
    "spelling": BY_SPELLING,
    "python": BY_PYTHON,
    "history": THROUGH_THE_HISTORY,
    "contracts": THROUGH_THE_CONTRACTS,
    "configuration": THROUGH_THE_CONFIGURATION,
}


@pytest.mark.parametrize(
    "evasion",
    [
        pytest.param(
            evasion,
            id=f"{group}: {name}",
        )
        for group, evasions in EVASIONS.items()
        for name, evasion in evasions.items()
    ],
)
def test_evasion_is_found(evasion: Evasion, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = Runner(tmp_path, capsys).change(evasion.after, evasion.before)
    if evasion.says:
        assert verdict.status == 2
        assert evasion.says in verdict.error
        assert "internal error" not in verdict.error
        return
    assert verdict.error == ""
    # Evasions are about the gate; what other rules have to say besides is theirs.
    gate = {rule for rule in verdict.rules if rule.startswith("contract-") or rule in evasion.rules}
    assert gate == evasion.rules
    assert verdict.status == 1
