"""What Alembic's configuration says: `alembic.ini` and `[tool.alembic]` of `pyproject.toml`, as text.

Values are worked out as `alembic/config.py` (1.20) does it; nothing is imported or run. A tree has no
absolute paths, so `%(here)s` stands for `HERE` + the file's folder, and a value that starts with `HERE`
is a place in the tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from migration_lint.errors import CannotJudge, Problem, merge_conflict
from migration_lint.named_tuple import NamedTuple
from migration_lint.toml_document import read_toml

if TYPE_CHECKING:
    from configparser import ConfigParser

#: Stands for the absolute path of the tree's root. Private use: no path in a file begins like this.
HERE = "/\ue001"

# Patterns stay text until somebody splits by them: most runs need one of them at most.
_SEPARATORS = {
    "space": " ",
    "newline": "\n",
    "os": "[:;]",  # `os.pathsep` of whoever runs it; either, so that every machine reads the same
    ":": ":",
    ";": ";",
}
_LEGACY_LOCATIONS = r", *|(?: +)"
_LEGACY_PATHS = r", *|(?: +)|\:"

_SECTION = "tool.alembic"  # of pyproject.toml

#: Far longer than any ini file is, and short enough to read at once.
MAX_BYTES = 1_000_000

#: How many environments one file may speak of, and how many characters their values may come to: a few bytes
#: of `%(a)s%(a)s` in each other unfold into gigabytes. How deep they may stand in each other is
#: `configparser`'s own limit.
_MOST_ENVIRONMENTS = 200
_LONGEST = 200_000
_DEEPEST = 10

_REFERENCE = r"%(?:(%)|\(([^)]+)\)s)?"

#: How the address of a database begins: dialect, or dialect and driver.
_ADDRESS = r"\s*(\w+)(?:\+\w+)?:"

#: A pyproject.toml without anything like this has no `[tool.alembic]`, and is not parsed.
_TOML_HINT = rb"""(?m)tool["']?[ \t]*\.[ \t]*["']?alembic|^[ \t]*(?:\[[ \t]*)?["']?tool["']?[ \t]*[\]=]"""


class Located(NamedTuple):
    """One value and the line that it is written in, 0 where that could not be told."""

    value: str
    line: int = 0


class Address(NamedTuple):
    """Where a section has its database: the dialect, as the address begins, and its line."""

    section: str
    dialect: str
    line: int


class Options(NamedTuple):
    """What one section says. `problems`: values that could not be worked out."""

    path: str
    section: str
    script_location: Located | None = None
    version_locations: tuple[Located, ...] = ()
    prepend_sys_path: tuple[str, ...] = ()
    recursive: bool | None = None  # None: nothing is said
    sourceless: bool = False
    addresses: tuple[Address, ...] = ()  # of all sections of the file
    problems: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return self.path if self.section in ("", "alembic") else f"{self.path} [{self.section}]"


def read_options(
    ini: tuple[str, bytes] | None, toml: tuple[str, bytes] | None, section: str | None = None
) -> list[Options]:
    """Every environment that an ini file and the pyproject.toml beside it speak of.

    A value that the ini lacks is taken from the pyproject.toml, as Alembic does. With `section`, that
    section of the ini alone. Raises CannotJudge where a file cannot be parsed.
    """
    tool = _tool_alembic(*toml) if toml else None
    found: list[Options] = []
    if ini:
        path, data = ini
        file = _parsed_ini(path, data)
        sections = [
            name
            for name in file.parser.sections()
            if (name == section if section else name == "alembic" or file.is_environment(name))
        ]
        if len(sections) > _MOST_ENVIRONMENTS:
            message = (
                f"the file speaks of {len(sections):,} environments; at most {_MOST_ENVIRONMENTS} are read"
            )
            raise ConfigurationTooLarge(Problem(message, path, fix="keep in it what Alembic needs"))
        found.extend(_Section(path, file, name, tool).options() for name in sections)
    elif toml and tool is not None:
        found.append(_Section(toml[0], None, "", tool).options())
    if ini and toml and tool is not None and not any(item.script_location for item in found):
        # `alembic.ini` keeps the logging only: the file that says where the scripts are gives the name
        of_toml = _Section(toml[0], None, "", tool).options()
        found = [of_toml] if of_toml.script_location else found
    return found


def speaks_of_alembic(toml: bytes) -> bool:
    """Whether a pyproject.toml may hold `[tool.alembic]`; a cheap look that never says no wrongly."""
    return b"alembic" in toml and bool(re.search(_TOML_HINT, toml))


class _Tool(NamedTuple):
    path: str
    table: Mapping[str, object]
    lines: Mapping[str, int]


def _tool_alembic(path: str, data: bytes) -> _Tool | None:
    if not speaks_of_alembic(data):
        return None
    document = read_toml(path, data)
    table = document.under(_SECTION)
    return _Tool(path, table, document.lines(_SECTION)) if isinstance(table, dict) else None


class _Ini(NamedTuple):
    """A file: its values as written, and the line in which each key of each section is."""

    parser: ConfigParser
    lines: Mapping[tuple[str, str], int]
    allowance: _Allowance

    def line(self, section: str, key: str) -> int:
        """Where what a section says of `key` is written; 0 where that cannot be told."""
        return self.lines.get((section, key)) or self.lines.get(("DEFAULT", key), 0)

    def is_environment(self, section: str) -> bool:
        """Whether `alembic -n` can be given this section: it has scripts, or versions, of its own."""
        if (section, "script_location") in self.lines:
            return True
        shared = ("DEFAULT", "script_location") in self.lines
        return shared and (section, "version_locations") in self.lines


class _Allowance:
    """How many characters the values of one file may still come to."""

    def __init__(self) -> None:
        self.left = _LONGEST

    def spend(self, part: str) -> str:
        """The part itself. What is empty costs something, too. Raises _TooLong."""
        self.left -= len(part) + 1
        if self.left < 0:
            raise _TooLong
        return part


def _parsed_ini(path: str, data: bytes) -> _Ini:
    import configparser

    if len(data) > MAX_BYTES:
        message = f"the file has {len(data):,} bytes; an ini file has at most {MAX_BYTES:,}"
        raise ConfigurationTooLarge(Problem(message, path, fix="keep in it what Alembic needs"))
    # Alembic reads it in the locale's encoding; the paths in it are what counts, and those are plain
    text = data.decode("utf-8-sig", "surrogateescape")
    parser = configparser.ConfigParser({"here": _here(path).replace("%", "%%")})
    try:
        parser.read_string(text, path)
    except configparser.Error as error:
        line = getattr(error, "lineno", None) or next((at for at, _ in getattr(error, "errors", ())), 0)
        said = str(getattr(error, "message", error)).partition("\n")[0]
        message = f"this is no ini file that Alembic can read: {said}"
        broken = merge_conflict(path, text) or Problem(message, path, line, fix="mend the line")
        raise CannotJudge(broken) from None
    return _Ini(parser, _lines(text), _Allowance())


def _here(path: str) -> str:
    folder = path.rpartition("/")[0]
    return f"{HERE}/{folder}" if folder else HERE


class _Section:
    """One section of an ini file, and `[tool.alembic]` behind it."""

    def __init__(self, path: str, file: _Ini | None, name: str, tool: _Tool | None) -> None:
        self._path = path
        self._file = file
        self._name = name
        self._tool = tool
        self._problems: list[Problem] = []

    def options(self) -> Options:
        location = self._one("script_location")
        return Options(
            path=self._path,
            section=self._name,
            script_location=location,
            version_locations=self._version_locations(),
            prepend_sys_path=self._import_paths(),
            recursive=self._flag("recursive_version_locations"),
            sourceless=bool(self._flag("sourceless")),
            addresses=tuple(self._addresses()),
            problems=tuple(self._problems),
        )

    def _addresses(self) -> Iterator[Address]:
        """What `sqlalchemy.url` of each section begins with; the rest may be put in from anywhere."""
        file, key = self._file, "sqlalchemy.url"
        for section in file.parser.sections() if file is not None else ():
            assert file is not None
            begun = re.match(_ADDRESS, file.parser.get(section, key, raw=True, fallback=""))
            if begun is not None:
                yield Address(section, begun[1], file.line(section, key))

    def _ini(self, key: str) -> Located | None:
        """A value, with what its `%(name)s` stand for in their places, as `configparser` puts them there.

        Raises CannotJudge where they come to more than anybody writes.
        """
        file = self._file
        if file is None or not file.parser.has_option(self._name, key):
            return None
        line = file.line(self._name, key)

        def raw(name: str) -> str | None:
            return file.parser.get(self._name, name, raw=True, fallback=None)

        try:
            return Located("".join(_parts(raw(key) or "", raw, file.allowance)), line)
        except _TooLong:
            message = (
                f"`{key}` stands for too much: with what it refers to, more than {_LONGEST:,} characters"
            )
            problem = Problem(message, self._path, line, fix="write the value out")
            raise ConfigurationTooLarge(problem) from None
        except _Unresolvable as error:
            self._problems.append(Problem(f"`{key}` {error}", self._path, line))
            return None

    def _toml(self, key: str) -> object:
        return self._tool.table.get(key) if self._tool else None

    def _toml_text(self, key: str, value: object) -> Located | None:
        """A TOML value after Alembic's `value % {"here": …}`."""
        if not isinstance(value, str) or not self._tool:
            return None
        line = self._tool.lines.get(key, 0)
        here = {"here": _here(self._tool.path).replace("%", "%%")}
        try:
            return Located("".join(_parts(value, here.get, _Allowance())), line)
        except (_Unresolvable, _TooLong):
            message = (
                f"`{key}` cannot be worked out: only `%(here)s` may stand in it, and `%%` for a percent sign"
            )
            self._problems.append(Problem(message, self._tool.path, line))
            return None

    def _toml_texts(self, key: str) -> tuple[Located, ...]:
        value = self._toml(key)
        items = value if isinstance(value, list) else [value]
        texts = (self._toml_text(key, item) for item in items)
        return tuple(text for text in texts if text is not None)

    def _one(self, key: str) -> Located | None:
        found = self._ini(key)
        if found is not None:
            return Located(found.value.strip(), found.line) if found.value.strip() else None
        return self._toml_text(key, self._toml(key))

    def _flag(self, key: str) -> bool | None:
        found = self._ini(key)
        if found is not None:
            return found.value == "true"
        value = self._toml(key)
        if value is not None and not isinstance(value, bool) and self._tool:
            message = f"`{key}` is {value!r}, which Alembic does not take"
            line = self._tool.lines.get(key, 0)
            self._problems.append(Problem(message, self._tool.path, line, fix="write true or false"))
        return value if isinstance(value, bool) else None

    def _separator(self, *names: str) -> str | None:
        for name in names:
            found = self._ini(name)
            if found is None:
                continue
            if found.value not in _SEPARATORS:
                message = f"`{name}` is {found.value!r}, which Alembic does not know"
                fix = "write `space`, `newline`, `os`, `:` or `;`"
                self._problems.append(Problem(message, self._path, found.line, fix=fix))
            return _SEPARATORS.get(found.value)
        return None

    def _version_locations(self) -> tuple[Located, ...]:
        found = self._ini("version_locations")
        if found is None or not found.value:
            return self._toml_texts("version_locations")
        separator = self._separator("path_separator", "version_path_separator")
        parts = re.split(separator or _LEGACY_LOCATIONS, found.value)
        return tuple(Located(part.strip(), found.line) for part in parts if part.strip())

    def _import_paths(self) -> tuple[str, ...]:
        found = self._ini("prepend_sys_path")
        if found is None or not found.value:
            return tuple(text.value for text in self._toml_texts("prepend_sys_path"))
        parts = re.split(self._separator("path_separator") or _LEGACY_PATHS, found.value)
        return tuple(part.strip() for part in parts if part.strip())


class _Unresolvable(Exception):
    """A value cannot be worked out; the message goes on behind the name of its key."""


class ConfigurationTooLarge(CannotJudge):
    """A configuration is more than is read here, though Alembic may read it."""


class _TooLong(Exception):
    """A value unfolds into more than there is an allowance for."""


def _parts(
    value: str, raw: Callable[[str], str | None], allowance: _Allowance, depth: int = 1
) -> Iterator[str]:
    """What a value is put together from; `raw` gives what a name stands for. Raises both errors above."""
    if depth > _DEEPEST:
        raise _Unresolvable(f"refers to what refers to something else, more than {_DEEPEST} times over")
    start = 0
    for found in re.finditer(_REFERENCE, value):
        yield allowance.spend(value[start : found.start()])
        start = found.end()
        percent, name = found.groups()
        meant = raw(name) if name else percent
        if meant is None and name:
            raise _Unresolvable(f"refers to `%({name})s`, which the file does not define")
        if meant is None:
            raise _Unresolvable("cannot be worked out: a `%` that is no `%(name)s` must be written `%%`")
        if percent or "%" not in meant:
            yield allowance.spend(meant)
        else:
            yield from _parts(meant, raw, allowance, depth + 1)
    yield allowance.spend(value[start:])


def _lines(text: str) -> dict[tuple[str, str], int]:
    """Where each key of each section is written first."""
    found: dict[tuple[str, str], int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\[(.+)\]", line)
        key = None if header else re.match(r"[^=:\s][^=:]*", line)
        if header:
            section = header.group(1)
        elif key and key.end() < len(line):
            found.setdefault((section, key.group().rstrip().lower()), number)
    return found
