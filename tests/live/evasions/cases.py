"""The carriers and forms, and the projects that they make."""

from __future__ import annotations

import base64
import codecs
import html
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from tests.projects import FIRST, PROJECT, VERSIONS

HERE = Path(__file__).parent
CARRIERS = ("calls", "classes", "library", "texts", "alembic", "modules", "unusual", "internals")

ENV = """\
import os
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

_DROP = "ALTER TABLE IF EXISTS public.deployment_events DROP COLUMN IF EXISTS hint"
_CALLS = "LANGUAGE plpgsql AS $$ BEGIN RETURN public.tidy(); END $$"
_BODY = f"LANGUAGE plpgsql AS $$ BEGIN {_DROP}; RETURN %s; END $$"

#: What the history has made besides the table: another table, and functions that drop the column.
MADE = (
    "CREATE TABLE other (id int PRIMARY KEY, x text)",
    "INSERT INTO other VALUES (1, 'x')",
    f"CREATE FUNCTION tidy() RETURNS int {_BODY % 1}",
    f"CREATE FUNCTION tidy_of(n int) RETURNS int {_BODY % 1}",
    f"CREATE FUNCTION tidy_fixed(n int) RETURNS int IMMUTABLE {_CALLS}",
    f"CREATE FUNCTION tidy_both(a int, b int) RETURNS int {_CALLS}",
    f'CREATE FUNCTION "Tidy Up"() RETURNS int {_BODY % 1}',
    f"CREATE FUNCTION tidy_on_change() RETURNS trigger {_BODY % 'NEW'}",
    f"CREATE FUNCTION tidy_on_event() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN {_DROP}; END $$",
    f"CREATE PROCEDURE tidy_all() LANGUAGE plpgsql AS $$ BEGIN {_DROP}; END $$",
    "CREATE FUNCTION run(statement text) RETURNS int LANGUAGE plpgsql AS "
    "$$ BEGIN EXECUTE statement; RETURN 1; END $$",
    "CREATE FUNCTION harmless() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE counted (id int DEFAULT harmless())",
)

#: Calls of `op`, each by positional arguments.
CALLS = (
    'drop_column("deployment_events", "hint")',
    'drop_table("deployment_events")',
    'rename_table("deployment_events", "events")',
)


class Form(NamedTuple):
    """What is done: a statement, or a call of `op`."""

    name: str
    function: str  # of op
    arguments: str
    sql: str | None


class Case(NamedTuple):
    """One change: its name, and its files, to be laid over the project's."""

    name: str
    files: Mapping[str, str]


def blocks(name: str) -> Iterator[tuple[str, str]]:
    """The name and text of each entry of a list."""
    text = (HERE / f"{name}.txt").read_text()
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        title, _, rest = block.partition("\n")
        yield title.strip(), rest.rstrip("\n")


def forms() -> list[Form]:
    """Every form: the statements, then the calls."""
    found = [Form(title, "execute", json.dumps(text), text) for title, text in blocks("forms")]
    for call in CALLS:
        function, _, rest = call.partition("(")
        found.append(Form(f"op.{function}", function, rest[:-1], None))
    return found


def history() -> dict[str, str]:
    """The project before the change."""
    made = "".join(f"    op.execute({json.dumps(text)})\n" for text in MADE)
    ini = PROJECT["alembic.ini"] + "prepend_sys_path = .\n"
    return {**PROJECT, "alembic.ini": ini, "migrations/env.py": ENV, FIRST: PROJECT[FIRST] + made}


def cases() -> list[Case]:
    """Every form with the plain carrier, and every carrier with one form."""
    all_forms = forms()
    found = [case_of(f"form: {form.name}", "$RUN", form) for form in all_forms]
    for group in CARRIERS:
        for title, text in blocks(group):
            name = f"{group}: {title}"
            found.append(case_of(name, text, _chosen(name, text, all_forms)))
    return found


def sample() -> list[Case]:
    """Every form once, by turns with a carrier of each list: what the tests carry out.

    Which carrier a form comes with is the same from run to run, and another for each form.
    """
    carriers = {group: list(blocks(group)) for group in CARRIERS}
    found: list[Case] = []
    for place, form in enumerate(forms()):
        group = CARRIERS[place % len(CARRIERS)]
        fitting = [each for each in carriers[group] if _fits(each[1], form)] or [("plain", "$RUN")]
        title, text = max(fitting, key=lambda each: zlib.crc32(f"{form.name} {each[0]}".encode()))
        if len(fitting) > 1:
            carriers[group].remove((title, text))
        found.append(case_of(f"{form.name}, {group}: {title}", text, form))
    return found


def _chosen(name: str, carrier: str, all_forms: list[Form]) -> Form:
    """The carrier's form: another for each, and the same however many there are."""
    fitting = [form for form in all_forms if _fits(carrier, form)]
    return max(fitting, key=lambda form: zlib.crc32(f"{name} {form.name}".encode()))


def _fits(carrier: str, form: Form) -> bool:
    if re.search(r"'[^'\n]*\$[A-Z]|doctest", carrier) and re.search(r"[\\'%$]", form.arguments):
        return False  # it is text within a text
    if not re.search(r"\$(RUN|DO|NAME|WITH)\b", carrier):
        # It may come to the driver as it is, or be part of another statement.
        return form.sql is not None and "%" not in form.sql and ";" not in form.sql
    return True


def case_of(name: str, carrier: str, form: Form) -> Case:
    """The change that a carrier makes of a form."""
    parts = re.split(r"^-- (\S+) --$\n?", _filled(carrier, form), flags=re.MULTILINE)
    main, *rest = parts
    files = {f"{VERSIONS}/b2.py": _script(main.strip("\n"))}
    files.update(zip(rest[::2], (text.rstrip("\n") + "\n" for text in rest[1::2]), strict=True))
    return Case(name, files)


def _script(text: str) -> str:
    head = 'import sqlalchemy as sa\nfrom alembic import op\n\nrevision = "b2"\ndown_revision = "a1"\n\n'
    top, found, body = f"\n{text}\n".rpartition("\n---\n")
    if not found and re.search(r"\bupgrade\b", text):
        return f"{head}{text}\n"
    lines = [f"    {line}" if line else "" for line in body.strip("\n").splitlines()]
    return f"{head}{top.strip(chr(10))}\n\n\ndef upgrade():\n" + "\n".join(lines) + "\n"


def _filled(carrier: str, form: Form) -> str:
    """The carrier with its words replaced, each by Python that means the form."""
    sql = form.sql or ""
    data, middle = sql.encode(), len(sql) // 2
    words = {
        "RUN": f"op.{form.function}({form.arguments})",
        "DO": f"op.{form.function}",
        "NAME": form.function,
        "WITH": form.arguments,
        "SQL": json.dumps(sql),
        "ONELINE": json.dumps(sql.replace("\n", " ")),
        "WORDS": json.dumps(sql.split(" ")),
        "HALF1": json.dumps(sql[:middle]),
        "HALF2": json.dumps(sql[middle:]),
        "REVERSED": json.dumps(sql[::-1]),
        "SWAPPED": json.dumps(sql.translate(str.maketrans("ab", "ba"))),
        "CODES": str(list(data)),
        "HEX": json.dumps(data.hex()),
        "BYTES": repr(data),
        "NUMBER": str(int.from_bytes(data, "big")),
        "B64": json.dumps(base64.b64encode(data).decode()),
        "ZLIB": json.dumps(base64.b64encode(zlib.compress(data)).decode()),
        "ROT13": json.dumps(codecs.encode(sql, "rot13")),
        "QUOTED": json.dumps(quote(sql)),
        "HTML": json.dumps(html.escape(sql)),
        "ESCAPED": json.dumps("".join(f"\\x{code:02x}" for code in data)),
        "WIDE": json.dumps(re.sub("[a-zA-Z_]", lambda m: chr(ord(m[0]) + 0xFEE0), sql)),
    }
    return re.sub(r"\$(\$|[A-Z]+[0-9]*(?![A-Z_]))", lambda m: "$" if m[1] == "$" else words[m[1]], carrier)
