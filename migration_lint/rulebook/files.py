"""Where rule files are: those that come with the package, and a project's own. Their bytes, not read yet.

Apart from `load`, because a warm run looks at no more than the bytes: they tell whether the rules that it
kept from an earlier run are still these.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from migration_lint import __version__
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.store import key_of
from migration_lint.wording import OF_MANY, did_you_mean, nearest

if TYPE_CHECKING:
    from migration_lint.change.tree import Tree

MAX_FILES = 500  # of a project's own rules: more is no folder of rules


class RuleFile(NamedTuple):
    """One rule file, not read yet."""

    path: str  # as messages name it
    data: bytes
    builtin: bool


def builtin_folder() -> Path:
    """The folder of the rules that come with the package.

    In a wheel it stands inside the package; in a checkout, and so in an editable install, beside it.
    Raises CannotJudge if it is at neither place.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "rules", package.parent / "rules"):
        if (folder / "contract").is_dir():
            return folder
    raise CannotJudge(
        Problem("the rules that come with migration-lint are missing", str(package), fix="install it again")
    )


def builtin_files() -> list[RuleFile]:
    """The rule files that come with the package, in the order of their paths."""
    folder = builtin_folder()
    return [
        RuleFile(f"rules/{path.relative_to(folder).as_posix()}", path.read_bytes(), True)
        for path in sorted(folder.glob("*/*.yaml"))
    ]


def project_files(tree: Tree, project: str, folders: Iterable[str]) -> list[RuleFile]:
    """The rule files in a project's own folders, read from the tree that is judged.

    `project` is the POSIX prefix of the judged folder inside the tree, which `folders` are relative to.
    Raises CannotJudge for a folder that holds no rule, and one that is no folder of the project.
    """
    found: dict[str, RuleFile] = {}
    problems: list[Problem] = []
    for folder in folders:
        parts = [part for part in folder.split("/") if part not in ("", ".")]
        if ".." in parts or folder.startswith("/"):
            problems.append(
                Problem(
                    f"the rule folder {folder} is outside the project", fix="keep rules inside the project"
                )
            )
            continue
        prefix = "".join(f"{part}/" for part in (*project.split("/"), *parts) if part)
        paths = sorted(
            path for path in tree.files() if path.startswith(prefix) and path.endswith((".yaml", ".yml"))
        )
        if not paths:
            top = f"{project}/" if project else ""
            holding = {
                path[len(top) :].rpartition("/")[0]
                for path in tree.files()
                if path.startswith(top) and path.endswith((".yaml", ".yml"))
            }
            meant = nearest("/".join(parts), sorted(holding - {""}), cutoff=OF_MANY)
            otherwise = "correct `rules` in the configuration, or add the file to the change"
            message = f"the rule folder {folder} holds no rule: {tree.name} has no YAML file in it"
            problems.append(Problem(message, fix=did_you_mean(meant, otherwise)))
        elif len(paths) > MAX_FILES:
            problems.append(
                Problem(f"the rule folder {folder} holds {len(paths)} files; {MAX_FILES} is the most")
            )
        else:
            found.update((path, RuleFile(path, tree.read(path), False)) for path in paths)
    if problems:
        raise CannotJudge.of(problems)
    return list(found.values())


def rule_files(tree: Tree, project: str, folders: Iterable[str]) -> list[RuleFile]:
    """The rule files that come with the package, and those in a project's own folders."""
    return builtin_files() + project_files(tree, project, folders)


def digest(files: Iterable[RuleFile]) -> str:
    """A key for what `load` makes of these files: it changes with any of them, and with the release."""
    parts = [__version__]
    for file in files:
        parts += (file.path, str(file.builtin), file.data.decode("latin-1"))
    return key_of(*parts)
