"""Whether PostgreSQL has to work a default out for every row.

A default that gives the same value for all rows is stored once (since PostgreSQL 11); one that does not has
to be written into each row. The server goes by how the functions in it are declared (pg_proc.provolatile).
"""

from __future__ import annotations

import re
from typing import Literal

Volatility = Literal["volatile", "stable", "unknown"]

#: Functions that give another value each time.
VOLATILE = frozenset(
    """
    clock_timestamp timeofday random random_normal gen_random_uuid uuidv4 uuidv7 nextval setval currval
    lastval uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 gen_random_bytes gen_salt
    """.split()
)
#: Functions that give one value in the whole of a statement, and the types and words that look like calls.
STABLE = frozenset(
    """
    now statement_timestamp transaction_timestamp timezone date_trunc date_part age make_date make_interval
    make_timestamp make_timestamptz to_timestamp to_date to_char to_number
    lower upper initcap concat concat_ws format length substr substring replace trim btrim ltrim rtrim left
    right md5 sha256 encode decode abs round floor ceil ceiling power sqrt mod sign
    jsonb_build_object jsonb_build_array json_build_object json_build_array to_json to_jsonb
    array_length array_append current_setting current_schema int4range int8range numrange tsrange tstzrange
    daterange to_tsvector
    """.split()
)
_WORDS = frozenset(
    """
    coalesce nullif greatest least cast extract array row interval values in
    varchar char character bpchar numeric decimal bit varbit varying time timestamp timestamptz timetz
    current_timestamp localtimestamp current_time localtime precision
    """.split()
)
_STRING = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"(?!\s*\()"
_CALL = r"(?:[A-Za-z_][\w$]*\s*\.\s*)?\"?([A-Za-z_][\w$]*)\"?\s*\("


def volatility(default: str) -> Volatility:
    """Whether a default (SQL text) differs from row to row; unknown: it calls what is not known here."""
    found: Volatility = "stable"
    for name in re.findall(_CALL, re.sub(_STRING, "''", default)):
        word = name.lower()
        if word in VOLATILE:
            return "volatile"
        if word not in STABLE and word not in _WORDS:
            found = "unknown"
    return found
