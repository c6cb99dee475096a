from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from migration_lint.change.folder import FolderTree
from migration_lint.change.tree import Tree

Write = Callable[..., Tree]


@pytest.fixture
def tree(tmp_path: Path) -> Write:
    """Writes files into `tmp_path` (or a folder below it) and gives them as a tree."""

    def write(files: Mapping[str, str | bytes], below: str = ".") -> Tree:
        root = tmp_path / below
        root.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return FolderTree(root)

    return write


@pytest.fixture
def revision() -> Callable[..., str]:
    """The text of a script: `revision("b2", "a1")`, attributes beyond these as keywords."""

    def text(
        revision: str, down: str | tuple[str, ...] | None = None, body: str = "pass", **more: object
    ) -> str:
        attributes = {"revision": revision, "down_revision": down, **more}
        lines = [f"{name} = {value!r}" for name, value in attributes.items()]
        return "\n".join(['"""A change."""', *lines, "def upgrade():", f"    {body}", ""])

    return text
