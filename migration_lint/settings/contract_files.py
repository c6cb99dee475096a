"""Which files are contracts: those that `contracts` names, and what else says of itself that it is one."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.change.tree import Tree
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.settings.globs import Meant, matching, meant

ENDINGS = (".yaml", ".yml", ".json")

#: Of our format or of the Open Data Contract Standard, or of either with its first key forgotten; with the
#: quotes of JSON, or without, where YAML stands in a file that is called JSON.
_SAYS = lazy_pattern(
    rb"""(?:contract["']?\s*:\s*["']?migration-lint/|kind["']?\s*:\s*["']?DataContract\b)"""
    rb"""|\bmigrationLint\b|\brole["']?\s*:\s*["']?(?:producer|consumer)\b"""
)


def contract_files(tree: Tree, patterns: Sequence[str], project: str) -> Meant:
    """What the patterns mean inside the folder `project`.

    JSON is what many a tool keeps in a folder `contracts`, interfaces and schemas: of it, a pattern with a
    wildcard takes what says that it is a contract, and one without takes its file.
    """
    found = meant(tree, patterns, project)
    if not any(path.endswith(".json") for path in found.files):
        return found
    named = set(matching(found.files, [each for each in patterns if not set("*?") & set(each)], project))
    return found._replace(
        files=tuple(
            path
            for path in found.files
            if not path.endswith(".json") or path in named or says_contract(tree.read(path))
        )
    )


def says_contract(data: bytes) -> bool:
    """Whether JSON says that it is a contract."""
    return _SAYS.search(data) is not None
