"""Which folders of a tree hold what tools put there: other people's code, whatever the project is about."""

from __future__ import annotations

_VENDORED = frozenset(
    {
        ".eggs", ".git", ".hg", ".mypy_cache", ".nox", ".pixi", ".pytest_cache", ".tox", ".venv",
        "__pycache__", "__pypackages__", "dist-packages", "node_modules", "site-packages"
    }
)  # fmt: skip


def is_vendored(path: str) -> bool:
    """Whether a path leads through a folder of other people's code."""
    return not _VENDORED.isdisjoint(path.split("/"))
