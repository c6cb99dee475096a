"""Revision ids, their order, heads, and what a change does to them; no script is imported.

folders         a tree as folders: configurations and env.py in it
configuration   what alembic.ini and [tool.alembic] say
environment     where the Alembic environments of a tree are
databases       what they are called
dialects        which dialect they are written in
surroundings    what else says it: what is installed, and what env.py imports
source          bytes to text and syntax tree
rebinding       what a module binds without naming it
computed        what `depends_on` may hold that a script computes
constants       what a module's top-level names hold
script          one revision: its id, what it stands on, its syntax tree when asked for
engines         scripts that are for several databases
entry           the function that Alembic runs of it
env_script      env.py, which runs around them all
graph           the revisions of one environment in order, with heads and bases
compare         two histories: new, edited, removed
"""

from __future__ import annotations

from migration_lint.history.compare import HistoryChange, compare, pair, same_meaning
from migration_lint.history.databases import database_called, no_such_database, unknown_databases
from migration_lint.history.dialects import Spoken, dialect_called, spoken
from migration_lint.history.engines import for_each_engine
from migration_lint.history.entry import without_upgrade
from migration_lint.history.env_script import env_script
from migration_lint.history.environment import Environment, Survey, environments, survey
from migration_lint.history.graph import History, Missing, Taken, read_history, script_paths
from migration_lint.history.script import Script, ScriptRecord, is_revision_file

__all__ = [
    "Environment",
    "History",
    "HistoryChange",
    "Missing",
    "ScriptRecord",
    "Script",
    "Spoken",
    "Survey",
    "Taken",
    "compare",
    "database_called",
    "dialect_called",
    "env_script",
    "environments",
    "for_each_engine",
    "is_revision_file",
    "no_such_database",
    "pair",
    "read_history",
    "same_meaning",
    "script_paths",
    "spoken",
    "survey",
    "unknown_databases",
    "without_upgrade",
]
