"""Where the rules can be read on the web."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from migration_lint import __version__
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.rulebook.rule import Rule

#: Where this repository is kept; a copy that is kept elsewhere says so in the variable.
HOME = "https://github.com/example/migration-lint"
VARIABLE = "MIGRATION_LINT_RULES_URL"  # of the folder `rules/`

_URL = lazy_pattern(r"https://[\w.:-]+(/[\w.~%+@-]+)*", re.ASCII)


def rules_url(environ: Mapping[str, str] = os.environ) -> str:
    """The folder with the rules of this version."""
    named = environ.get(VARIABLE, "").rstrip("/")
    return named if _URL.fullmatch(named) else f"{HOME}/blob/v{__version__}/rules"


def rule_url(rule: Rule | None, environ: Mapping[str, str] = os.environ) -> str:
    """The page of a rule; "" for a project's own, and for what is no rule."""
    if rule is None or not rule.builtin:
        return ""
    return f"{rules_url(environ)}/{rule.page}"
