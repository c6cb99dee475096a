"""git's configuration files: read as text, and what of them git may see while it works for us.

A repository's configuration names programs: filters, hooks, a file monitor, an ssh command, a place to fetch
missing objects from. Every release of git may add one. So nothing is forbidden here; a few settings that say
what things *are* get through, and all others do not exist for git.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from migration_lint.errors import CannotJudge, Problem
from migration_lint.lazy_pattern import lazy_pattern

#: A key is `section.name` or `section.Sub.section.name`: lower case but for what stands in between.
Settings = Mapping[str, str]

#: More than anybody's configuration has, and little enough to read at once.
_LIMIT = 4_000_000

#: How names, links and line ends are kept in this repository, and what its branches follow.
_MEANING = lazy_pattern(
    r"core\.(repositoryformatversion|ignorecase|precomposeunicode|symlinks|excludesfile|autocrlf|eol"
    r"|sparsecheckout|sparsecheckoutcone|protecthfs|protectntfs)"
    # All extensions, so that git itself refuses one that it does not know; but for the two that would have
    # it fetch by itself, or read another file.
    r"|extensions\.(?!partialclone$|worktreeconfig$)[a-z0-9-]+"
    r"|branch\..+\.(remote|merge)|remote\..+\.fetch",
    re.DOTALL,
)
#: What it takes to reach a remote, without any command: credentials come from the user's own configuration.
_REACH = lazy_pattern(
    r"remote\..+\.(url|promisor|partialclonefilter|proxy|proxyauthmethod)|url\..+\.insteadof"
    r"|http\.(.+\.)?[a-z0-9]+|credential\.(.+\.)?(username|usehttppath)|ssh\.variant|extensions\.partialclone",
    re.DOTALL,
)
#: Commands that a fetch would run, had the repository its way.
_COMMANDS = lazy_pattern(
    r"core\.(sshcommand|gitproxy|askpass|alternaterefscommand)|credential\.(.+\.)?helper"
    r"|remote\..+\.(uploadpack|vcs)",
    re.DOTALL,
)

_SECTION = lazy_pattern(r'\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\\n]|\\[^\n])*)")?\s*\]')
_NAME = lazy_pattern(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=?)")
_PLAIN = lazy_pattern(r'[^\n"\\#;]*(?=\n|\Z)')
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", "\\": "\\", '"': '"', "\n": ""}


def read_configuration(path: Path) -> list[tuple[str, str]]:
    """The settings of one file, in order; a name without a value is "true". No include is followed.

    Raises CannotJudge where git could not read it either.
    """
    text = small_text(path)
    if text is None:
        return []
    try:
        return list(_parse(text.removeprefix("\ufeff").replace("\r\n", "\n")))
    except _BadLine as bad:
        problem = (
            f"git cannot read the repository around {path.parent.parent}: bad config line {bad} in {path}"
        )
        raise CannotJudge(Problem(problem, fix="mend that file")) from None


def small_text(path: Path) -> str | None:
    """What a file of git's own says. None: there is none, or it is a device or far too large."""
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            data = file.read(_LIMIT + 1)
    except OSError:
        return None
    return data.decode("utf-8", "surrogateescape") if len(data) <= _LIMIT else None


def meaning(settings: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that say what is in the repository."""
    return [(key, value) for key, value in settings if _MEANING.fullmatch(key)]


def reach(settings: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those that it takes to connect to a remote."""
    return [(key, value) for key, value in settings if _REACH.fullmatch(key)]


def commands(settings: Iterable[tuple[str, str]]) -> list[str]:
    """The names of commands that a connection would run, and that are not let through."""
    return sorted({key for key, _ in settings if _COMMANDS.fullmatch(key)})


def is_on(value: str | None) -> bool:
    """A truth value as git reads it."""
    return (value or "").lower() not in ("", "0", "false", "no", "off")


def written(settings: Iterable[tuple[str, str]]) -> str:
    """A configuration file with these settings."""
    lines: list[str] = []
    for key, value in settings:
        section, _, rest = key.partition(".")
        within, _, name = rest.rpartition(".")
        lines.append(f'[{section} "{_quoted(within)}"]' if within else f"[{section}]")
        lines.append(f'\t{name} = "{_quoted(value)}"')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return plain.replace("\n", "\\n").replace("\t", "\\t").replace("\b", "\\b")


class _BadLine(Exception):
    pass


def _parse(text: str) -> Iterator[tuple[str, str]]:
    """As `git_parse_source` in git's config.c reads it."""
    section, at = "", 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] in "#;":
            at = _line_end(text, at)
        elif found := _SECTION.match(text, at):
            name, within = found.groups()
            section = name.lower()
            if within is not None:
                section += "." + re.sub(r"\\(.)", r"\1", within)
            at = found.end()
        elif section and (found := _NAME.match(text, at)):
            value, at = _value(text, found.end()) if found[2] else _bare(text, found.end())
            yield f"{section}.{found[1].lower()}", value
        else:
            raise _BadLine(text.count("\n", 0, at) + 1)


def _bare(text: str, at: int) -> tuple[str, int]:
    """A name that stands alone: git bears no comment behind it."""
    end = _line_end(text, at)
    if text[at:end].strip(" \t\r"):
        raise _BadLine(text.count("\n", 0, at) + 1)
    return "true", end


def _value(text: str, at: int) -> tuple[str, int]:
    if plain := _PLAIN.match(text, at):
        return plain[0].strip(), plain.end()
    found, kept, quoted, start = "", 0, False, at
    while at < len(text) and (text[at] != "\n" or quoted):
        char = text[at]
        at += 1
        if char == "\n":
            raise _BadLine(text.count("\n", 0, start) + 1)
        if char == '"':
            quoted = not quoted
            kept = len(found)
        elif char == "\\":
            if at >= len(text) or text[at] not in _ESCAPES:
                raise _BadLine(text.count("\n", 0, at) + 1)
            found += _ESCAPES[text[at]]
            kept = len(found)
            at += 1
        elif not quoted and char in "#;":
            at = _line_end(text, at)
        elif quoted or not char.isspace():
            found += char
            kept = len(found)
        elif found:
            found += char
    if quoted:
        raise _BadLine(text.count("\n", 0, start) + 1)
    return found[:kept], at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
