"""Bases and mixins of libraries that map columns, written down as Python that the machine reads.

An *overlay*, `overlays/<package>.py`, stands in the place of a library: its classes have the library's names,
whatever module of the library they come from, and map the columns that the library's map. It is read as a
module of the project is, and never imported. What a library's methods do is left out, and so is not known.
`tests/sources/test_sqlalchemy_models.py` holds those against the real packages that the tests install.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("overlays")
_LIBRARIES = frozenset("coaster fastapi_users_db_sqlalchemy oslo_db sqlalchemy_utils".split())


def overlay_of(name: str) -> str:
    """The path of the overlay in which a dotted name may be; "" where its library has none."""
    root, dot, _ = name.partition(".")
    return f"<{root}>" if dot and root in _LIBRARIES else ""


def is_overlay(path: str) -> bool:
    return path.startswith("<")


@cache
def overlay_text(path: str) -> str:
    """The text of an overlay."""
    return (_FOLDER / f"{path.strip('<>')}.py").read_text(encoding="utf-8")
