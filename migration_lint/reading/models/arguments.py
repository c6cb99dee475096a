"""Arguments of what makes SQL of them: what comes from outside counts by its default."""

from __future__ import annotations

from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import Choice, Outside, Value

_UNCOUNTED = (Outside, Choice)


def counted(a: Arguments) -> Arguments:
    """The same arguments, with the default of a variable of the environment in its place."""
    for each in a.args:
        if isinstance(each, _UNCOUNTED):
            break
    else:
        for each in a.kwargs.values():
            if isinstance(each, _UNCOUNTED):
                break
        else:
            return a
    return a._replace(
        args=[_counted(each) for each in a.args],
        kwargs={name: _counted(each) for name, each in a.kwargs.items()},
    )


def _counted(value: Value) -> Value:
    if isinstance(value, Choice) and any(isinstance(each, Outside) for each in value.values):
        return Choice(tuple(_counted(each) for each in value.values))
    return value.text if isinstance(value, Outside) else value
