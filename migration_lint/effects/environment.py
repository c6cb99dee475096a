"""How an environment's env.py runs revisions: in which transactions, with which timeouts.

The text is searched, never run. What it may say in ways that cannot be read off (a helper's argument, a
variable) is taken for said where the name stands there at all.
"""

from __future__ import annotations

import re

from migration_lint.effects.limits import is_set_in
from migration_lint.lazy_pattern import find
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect

#: Databases on which Alembic opens a transaction around DDL (`transactional_ddl` of their implementations).
TRANSACTIONAL: frozenset[Dialect] = frozenset(("postgresql", "mssql"))


#: What limits the wait for a lock, and the run of a statement, on one server or another.
_LOCK_LIMITS = ("lock_timeout", "lock_wait_timeout", "innodb_lock_wait_timeout")
_STATEMENT_LIMITS = ("statement_timeout", "max_statement_time")


class Running(NamedTuple):
    """What env.py decides for every revision."""

    transactional: bool = True  # DDL runs in a transaction
    per_migration: bool = False  # each revision in its own
    lock_timeout: bool = False
    statement_timeout: bool = False


def running(env: str | None, dialect: Dialect, configuration: str = "") -> Running:
    """What the text of env.py says, and that of the configuration with the database's address.

    None: it could not be had. Then it is taken for one that sets limits, as most advice about it is for those
    who write it; for transactions Alembic's defaults hold.
    """
    text = _without_comments(env or "")
    transactional = dialect in TRANSACTIONAL
    said = find("transactional_ddl", r"\btransactional_ddl\s*=\s*(True|False)\b", text)
    if said is not None:
        transactional = said[1] == "True"
    if find("isolation_level", r"\bisolation_level\b\W+AUTOCOMMIT\b", text):
        transactional = False
    name = "transaction_per_migration"
    per_migration = find(name, rf"\b{name}\b(?!\s*=\s*False)", text) is not None
    texts = (text, _without_comments(configuration))
    return Running(
        transactional,
        per_migration,
        env is None or any(is_set_in(each, name) for each in texts for name in _LOCK_LIMITS),
        env is None or any(is_set_in(each, name) for each in texts for name in _STATEMENT_LIMITS),
    )


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)^\s*[#;].*$", "", text)
