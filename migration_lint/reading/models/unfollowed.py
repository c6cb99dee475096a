"""What a script may read of the tree that nobody follows: files by patterns, or any.

What it does hangs on them, so that they count among what it was read with.
"""

from __future__ import annotations

import posixpath
import re

from migration_lint.operations import HOLE
from migration_lint.reading.models.context import context
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.values import Dict, FilePath, List, OpenFile, Value, alternatives

#: In a text: a path, or a pattern of paths, as a program is told them.
_PATH = rf"(?<![\w:/.])(?:\.?\.?/)?(?:[\w.*?{HOLE}-]+/)*[\w.*?{HOLE}-]+"
_LONGEST = 4_000
_MOST = 500  # containers: what is given more is no list of paths


def may_read(run: Interpreter, *values: Value) -> bool:
    """Record that files may be read whose paths, or the beginnings of them, are these; whether any is one."""
    found = False
    for value in values:
        for each in alternatives(value):
            if isinstance(each, FilePath):
                found = _record(run, each.path) or found
            elif isinstance(each, str):
                found = _record(run, each) or found
    return found


def may_read_any(run: Interpreter) -> None:
    """Record that a file is read of which nothing is known."""
    if not run.recorder.application:
        context(run).files.may_read_any()


def may_read_of(run: Interpreter, *values: Value) -> bool:
    """Record the files that code may read which nobody follows, and which is given these values."""
    if run.recorder.application:
        return False
    found, left = False, list(values)
    seen: set[int] = set()
    while left:
        value = left.pop()
        if isinstance(value, (List, tuple, Dict)):
            if id(value) in seen:  # a container may hold itself
                continue
            seen.add(id(value))
            if len(seen) > _MOST:
                may_read_any(run)
                return True
        if isinstance(value, OpenFile) and value.path is not None:
            value = FilePath(value.path)
        if isinstance(value, FilePath):
            found = may_read(run, value) or found
        elif isinstance(value, str) and len(value) < _LONGEST:
            for each in re.findall(_PATH, value):
                if "/" in each or re.search(r"\.[A-Za-z]\w{0,7}$", each):
                    found = _record(run, each) or found
        elif isinstance(value, (List, tuple)):
            run.spend()
            left += run.items(value).every()
        elif isinstance(value, Dict):
            left += value.plain().values()
    return found


def _record(run: Interpreter, path: str) -> bool:
    """Record a path with holes in it; whether it tells anything, and leads to no place outside."""
    pattern = posixpath.normpath(path.replace(HOLE, "*"))
    if run.recorder.application or not set(pattern) - set("*/."):
        return False
    if not pattern.startswith(("..", "/")):
        context(run).files.may_read(pattern)
    return True
