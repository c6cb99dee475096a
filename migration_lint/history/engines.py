"""Scripts for several databases, as Alembic's template `multidb` makes them: a function for each.

    def upgrade(engine_name):
        globals()["upgrade_%s" % engine_name]()

    def upgrade_engine1(): ...
    def upgrade_engine2(): ...

Each revision runs once in every database, with another name. Which names there are the scripts tell, for
env.py may take them from anywhere: the template from the ini file, Flask-Migrate's from the application.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migration_lint.history.graph import History

# Texts, which `re` compiles when they are first needed.
_TAKES_NAME = rb"(?m)^def upgrade\(\s*\w+\s*(?::[^=,)]*)?\)"
_BY_NAME = rb"""["']upgrade_(?:%s|\{|["']\s*\+)"""
_FUNCTION = rb"(?m)^def upgrade_(\w*)\(\s*\)"


def engines_in(data: bytes) -> list[str]:
    """The names that `upgrade` of a script picks a function by; none where it does not."""
    if b"upgrade_" not in data or not re.search(_TAKES_NAME, data) or not re.search(_BY_NAME, data):
        return []
    return list(dict.fromkeys(name.decode() for name in re.findall(_FUNCTION, data)))


def for_each_engine(history: History) -> list[History]:
    """A history for each database that its scripts are written for; the history itself where that is one."""
    names = sorted({name for script in history.scripts for name in script.engines})
    written = sum(bool(script.engines) for script in history.scripts)
    if 2 * written < len(history.scripts) or not names:
        return [history]  # one that looks so is no reason
    environment = history.environment
    return [
        history._replace(environment=environment._replace(engine=name, database=name or environment.database))
        for name in names
    ]
