"""The rules of a wheel, which were read and checked when it was built: no cold run has to do it again."""

from __future__ import annotations

import json
from pathlib import Path

from migration_lint import __version__
from migration_lint.rulebook.rule import Rule, from_json, to_json

_PLACE = Path(__file__).resolve().parent.parent / "rules" / "compiled.json"


def compiled() -> str:
    """What a wheel holds of the rules in its files, as JSON. Raises CannotJudge with all that is wrong."""
    from migration_lint.rulebook.files import builtin_files
    from migration_lint.rulebook.load import load

    rules = [to_json(rule) for rule in load(builtin_files())]
    return json.dumps({"version": __version__, "rules": rules}, separators=(",", ":"), ensure_ascii=False)


def shipped_rules() -> tuple[Rule, ...]:
    """The rules of the wheel, without their examples; none in a checkout, where the files are read."""
    try:
        data = json.loads(_PLACE.read_bytes())
        return tuple(map(from_json, data["rules"])) if data["version"] == __version__ else ()
    except (OSError, ValueError, TypeError, KeyError):
        return ()
