"""Writers and readers of tables in public projects: drawn from the text, read by eye, held to the reader.

What is drawn are lines of code that name a model or a table beside a word of reading or writing; the names
come from the text, too, not from what is read. `mentions.tsv` is what was judged, a line each: the project,
the file, the line, the name, the verdict, and why. `right`: the statement is found, with its table, what is
done to it and its columns. `unread`: it is said to be not read, or not all of it. `wrong`: something is said
that is not so. `missed`: nothing is said. `none`: nothing is read or written there, and nothing is said.
`expected/mentions.md` is the figures.

    python -m tests.benchmarks.mentions PROJECTS --show      what is drawn, its code, and what is read there
    python -m tests.benchmarks.mentions --write              the figures anew

PROJECTS is a folder with a clone of each project, `owner+name`, at its commit.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from migration_lint.change import FolderTree, Tree
from migration_lint.sources import Codebase, is_own, read_source
from migration_lint.sources.model import Statement

JUDGED = Path(__file__).parent / "mentions.tsv"
STORED = Path(__file__).parent / "expected/mentions.md"
SEED = 1507
EACH = 14  # lines of each project

#: Public projects with Alembic and SQLAlchemy, each at a commit.
PROJECTS = dict(
    line.split()
    for line in """
LAION-AI+Open-Assistant f1e6ed9526f5817531f3ab85441a40b3671ddccb
Netflix+dispatch dd2837e82a0bf5565b1b4b4b91ea30b7262d4061
alphagov+notifications-api 8ea236603c43fe96df83459e9b37e0a7c45769a2
buildbot+buildbot 61f2f4118098dbbd22cf9212e2b470cea7c505ba
ckan+ckan 2dbe2c18f65ec75798c3667dd412c2320ac44ab0
fedora-infra+bodhi 2afdbd08d8294024d773b4a944bbc1711ce5a4db
freedomofpress+securedrop b80c941a3bf3355aefd098beeb1f246d4ff38933
getredash+redash ca79fe988d81cdac9675b412f3dfcab107bc1fbc
hasgeek+funnel eaed75d053027044fd526789ff9721d3b48285bb
indico+indico b8f1fde8b81b199341cc84a75909cb0ed362d44e
mealie-recipes+mealie b5643a9399465d8b4ea339e7a6639df2d697741b
openstack+octavia 0e6ea11c2992ce2746bb0cf0fb5cb3e81d5b94ba
packit+packit-service b828c3d7b987c760aa3c09a82d99e69c04e23b68
polarsource+polar c6c3645e639ee8eeaa05aa0835cf8e39e330382f
pypi+warehouse 6b62157124ab7865029afeeadf282bce27d601d9
""".strip().splitlines()
)
VERDICTS = ("right", "unread", "wrong", "missed", "none")

_MODEL = re.compile(
    r"^class (\w+)\(.*?\):\n(?:(?!^class ).*\n){0,60}?    __tablename__ = ['\"](\w+)['\"]", re.MULTILINE
)
_BASED = re.compile(
    r"^class (\w+)\((?:[\w.\[\], ]*\b(?:db\.Model|SQLModel, table=True|SqlAlchemyBase|Base|BASE|Model\w*)\b"
    r"[^)]*)\):",
    re.MULTILINE,
)
_CORE = re.compile(r"^(\w+) = (?:\w+\.)?Table\(\s*['\"](\w+)['\"]", re.MULTILINE)
_IMPERATIVE = re.compile(r"\bmap_imperatively\(\s*(?:\w+\.)?(\w+)")
#: Tables that a class holds, and how its users name them.
_HELD = re.compile(r"^ +(\w+) = (?:\w+\.)?Table\(", re.MULTILINE)
_USE_HELD = r"\.model\.(?P<name>{name})\b"
_USE = (
    r"(?:\b(?:query|select|insert|update|delete|exists|join|outerjoin|get|add|merge|select_from|aliased"
    r"|with_entities)\([^#\n]*\b{name}\b|\b{name}\.query\b|(?<!class )\b{name}\("
    r"|\b{name}\.(?:insert|update|delete|select|get|filter)\w*\()"
)
_LEFT_OUT = re.compile(r"(?:^|/)(?:migrations?|alembic|versions|tests?|docs?|scripts)/")


class Mention(NamedTuple):
    project: str
    path: str
    line: int
    name: str


def drawn(project: str, tree: Tree) -> list[Mention]:
    """Some of a project's lines that name a model beside a word of reading or writing."""
    texts = {
        path: tree.read(path).decode("utf-8", "replace")
        for path in sorted(tree.files())
        if path.endswith(".py") and is_own(path) and not _LEFT_OUT.search(path)
    }
    names = {
        found[1]
        for text in texts.values()
        for pattern in (_MODEL, _BASED, _CORE, _IMPERATIVE)
        if "sqlalchemy" in text or "sqlmodel" in text or "db." in text
        for found in pattern.finditer(text)
    }
    held = {found[1] for text in texts.values() if "sqlalchemy" in text for found in _HELD.finditer(text)}
    patterns = [_USE.replace("{name}", f"(?P<name%d>{'|'.join(sorted(names))})") % tuple(range(4))] * bool(
        names
    )
    patterns += [_USE_HELD.replace("{name}", "|".join(sorted(held)))] * bool(held)
    use = re.compile("|".join(patterns))
    found: list[Mention] = []
    for path, text in texts.items():
        for number, line in enumerate(text.splitlines(), 1):
            match = use.search(line)
            if match and not line.lstrip().startswith(("#", "class ", "from ", "import ")):
                found.append(Mention(project, path, number, next(each for each in match.groups() if each)))
    return sorted(sorted(found, key=_rank)[:EACH], key=lambda each: (each.path, each.line))


def _rank(mention: Mention) -> str:
    return hashlib.sha256(f"{SEED} {mention.project} {mention.path} {mention.line}".encode()).hexdigest()


def around(mention: Mention, tree: Tree, codebase: Codebase) -> Iterator[str]:
    """The code around a mention, and what is read in its function, or on its line."""
    lines = tree.read(mention.path).decode("utf-8", "replace").splitlines()
    for number in range(max(1, mention.line - 5), min(len(lines), mention.line + 8) + 1):
        yield f"{'>' if number == mention.line else ' '}{number:5} {lines[number - 1][:140]}"
    source = read_source(mention.path, tree, "postgresql", None, codebase)
    if source.problem:
        yield f"  ! {source.problem}"
    start, end = _function(lines, mention.line)
    near = [each for each in source.statements if each.line <= mention.line <= each.end_line]
    for each in near or [each for each in source.statements if start <= each.line <= end][:6]:
        yield from _shown(each)


def _function(lines: list[str], line: int) -> tuple[int, int]:
    """The lines of the function that a line stands in."""
    indent = len(lines[line - 1]) - len(lines[line - 1].lstrip())
    start = line
    while start > 1:
        start -= 1
        text = lines[start - 1]
        own = len(text) - len(text.lstrip())
        if text.strip() and own < indent and re.match(r"\s*(?:async )?def |\S", text):
            indent = own
            if "def " in text or own == 0:
                break
    end = line
    while end < len(lines):
        text = lines[end]
        if text.strip() and len(text) - len(text.lstrip()) <= indent and not text.lstrip().startswith(")"):
            break
        end += 1
    return start, end


def _shown(each: Statement) -> Iterator[str]:
    said = f" ? {each.unresolved}" if each.unresolved else ""
    yield f"    {each.line}-{each.end_line}{said}"
    for use in each.uses:
        why = f" ? {use.unresolved}" if use.unresolved else ""
        columns = ", ".join(use.columns)
        named = f" where {', '.join(use.named)}" if use.named else ""
        yield f"      {use.kind} {use.table}: {columns[:100]}{named[:100]}{why}"


def judged() -> list[tuple[Mention, str, str]]:
    """What was judged: each with its verdict, and why."""
    found = []
    for line in JUDGED.read_text(encoding="utf-8").splitlines():
        project, path, number, name, verdict, reason = line.split("\t")
        assert verdict in VERDICTS
        found.append((Mention(project, path, int(number), name), verdict, reason))
    return found


def figures() -> str:
    """The shares, by project."""
    rows = judged()
    used = [verdict for _, verdict, _ in rows if verdict != "none"]
    total = Counter(used)
    said = ", ".join(f"{total[each]} {each} ({total[each] / len(used):.1%})" for each in VERDICTS[:-1])
    text = (
        "# Writers and readers in public projects\n\n"
        f"{len(rows)} lines drawn with seed {SEED}, {len(used)} of them read or write: {said}.\n\n"
        f"| project | drawn | {' | '.join(VERDICTS)} |\n|---|---|{'---|' * len(VERDICTS)}\n"
    )
    for project in PROJECTS:
        own = Counter(verdict for mention, verdict, _ in rows if mention.project == project)
        counts = " | ".join(str(own[each]) for each in VERDICTS)
        text += f"| {project.replace('+', '/')} | {own.total()} | {counts} |\n"
    return text


def _unpacked(clone: Path, commit: str, place: Path) -> Tree:
    git = clone / "repo" if (clone / "repo").is_dir() else clone
    with tempfile.TemporaryFile() as archive:
        subprocess.run(
            ["git", "-C", str(git), "archive", commit, ":(glob)**/*.py*"],
            stdout=archive,
            check=True,
        )
        archive.seek(0)
        with tarfile.open(fileobj=archive) as files:
            kept = [each for each in files if each.isfile() and each.name.endswith((".py", ".pyi"))]
            files.extractall(place, kept, filter="data")
    return FolderTree(place)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("projects", nargs="?", type=Path, metavar="PROJECTS")
    parser.add_argument(
        "--show", nargs="*", metavar="NAME", help="what is drawn, of these projects, or of all"
    )
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.show is not None:
        for project in options.show or PROJECTS:
            with tempfile.TemporaryDirectory() as place:
                tree = _unpacked(options.projects / project, PROJECTS[project], Path(place))
                codebase = Codebase(tree)
                for mention in drawn(project, tree):
                    print(f"== {mention.project}\t{mention.path}\t{mention.line}\t{mention.name}")
                    print("\n".join(around(mention, tree, codebase)), flush=True)
        return 0
    if options.write:
        STORED.write_text(figures(), encoding="utf-8")
    print(figures())
    return 0


if __name__ == "__main__":
    sys.exit(main())
