"""Drifts: what can go wrong in the producer or consumer of `examples/deployment_events`, made one by one.

Each takes one step away from the contracts, in one file, as somebody might in a change that forgets the other
side: it renames a column, leaves a target out, writes another type, value or encoding, lets NULL in.
`drifts()` gives all of them, always the same and in the same order.

    python -m tests.drifts      tries all of them, and prints those that nothing is said of
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from migration_lint.cli import main

EXAMPLE = Path(__file__).parents[1] / "examples/deployment_events"
WRITTEN = "deployment_id kind reason exit_code event last_lines hint".split()
READ = ["id", *WRITTEN, "created_at"]
#: What the consumer filters and sorts by: it relies on it still where it reads it no more.
ASKED = ("deployment_id", "created_at")

_LIST = {
    "insert": re.compile(r"(?<=INSERT INTO deployment_events \().*?(?=\))"),
    "select": re.compile(r"(?<=SELECT ).*"),
}


class Drift(NamedTuple):
    """One file of the example, as it is after the step."""

    name: str
    path: str
    text: str
    in_sqlalchemy: bool = False


class _File(NamedTuple):
    path: str
    text: str
    in_sqlalchemy: bool = False

    def but(self, name: str, old: str, new: str) -> Drift:
        assert self.text.count(old) == 1, (name, self.path, old)
        return self.as_(name, self.text.replace(old, new))

    def as_(self, name: str, text: str) -> Drift:
        assert text != self.text, (name, self.path)
        where = f"{self.path} in SQLAlchemy" if self.in_sqlalchemy else self.path
        return Drift(f"{where}: {name}", self.path, text, self.in_sqlalchemy)

    def with_list(self, kind: str, name: str, columns: Sequence[str]) -> Drift:
        """The list of columns of its statement is another one, and nothing else is."""
        return self.as_(name, _LIST[kind].sub(lambda _: ", ".join(columns), self.text, count=1))


def drifts() -> Iterator[Drift]:
    """All drifts, those of each file together."""
    yield from _go_producer(_file("services/worker/autopsy.go"))
    yield from _go_consumer(_file("services/api/events.go"))
    yield from _python_producer(_file("services/worker/autopsy.py"))
    yield from _python_consumer(_file("services/api/events.py"))
    yield from _mapped_producer(_file("services/worker/autopsy.py", True))
    yield from _model(_file("services/worker/models.py", True), "worker")
    yield from _mapped_consumer(_file("services/api/events.py", True))
    yield from _model(_file("services/api/models.py", True), "api")


def _file(path: str, in_sqlalchemy: bool = False) -> _File:
    folder = EXAMPLE / ("in_sqlalchemy/project" if in_sqlalchemy else "project")
    return _File(path, (folder / path).read_text(encoding="utf-8"), in_sqlalchemy)


def _lists(file: _File, kind: str, columns: Sequence[str], *, ordered: bool = True) -> Iterator[Drift]:
    """What can happen to a list of columns: a new name, one less, one more, another order if that counts."""
    for at, column in enumerate(columns):
        renamed = [*columns[:at], f"{column}_text", *columns[at + 1 :]]
        yield file.with_list(kind, f"{column} is renamed in the {kind}", renamed)
        if ordered or column not in ASKED:
            left = [*columns[:at], *columns[at + 1 :]]
            yield file.with_list(kind, f"{column} is left out of the {kind}", left)
    for at in range(len(columns) - 1) if ordered else ():
        one, other = columns[at : at + 2]
        swapped = [*columns[:at], other, one, *columns[at + 2 :]]
        yield file.with_list(kind, f"{one} and {other} change places in the {kind}", swapped)
    yield file.with_list(kind, f"the {kind} has a column more", [*columns, "attempt"])


def _arguments(file: _File, before: str, arguments: Sequence[str], names: Sequence[str]) -> Iterator[Drift]:
    """What can happen to what is handed over: one less, another order."""
    whole = before + ", ".join(arguments)
    for at, name in enumerate(names):
        left = [*arguments[:at], *arguments[at + 1 :]]
        yield file.but(f"{name} is not handed over", whole, before + ", ".join(left))
    for at in range(len(names) - 1):
        other = [*arguments[:at], arguments[at + 1], arguments[at], *arguments[at + 2 :]]
        yield file.but(
            f"{names[at]} and {names[at + 1]} are handed over for each other",
            whole,
            before + ", ".join(other),
        )


def _statement(file: _File) -> Iterator[Drift]:
    """What can happen to an INSERT beside its columns."""
    yield file.as_(
        "it writes into another table", file.text.replace("INTO deployment_events", "INTO deployment_log")
    )
    yield file.but("another kind is written", "'failure_autopsy', ", "'crash_autopsy', ")
    yield file.but("NULL is written as kind", "'failure_autopsy', ", "NULL, ")
    yield file.but("the conflict is on other columns", "(deployment_id, kind) WHERE", "(deployment_id) WHERE")
    yield file.but(
        "the conflict has another condition", "WHERE kind = 'failure_autopsy'", "WHERE kind = 'crash'"
    )
    for column in ("reason", "exit_code", "event", "last_lines", "hint"):
        new = f"{column} = EXCLUDED.{column}"
        yield file.but(f"{column} is renamed where it is updated", new, f"{column}_text = EXCLUDED.{column}")


def _go_producer(file: _File) -> Iterator[Drift]:
    yield from _lists(file, "insert", WRITTEN)
    yield from _statement(file)
    arguments = ["a.DeploymentID", "a.Reason", "a.ExitCode", "a.Event", "lines", "a.Hint"]
    yield from _arguments(file, "\t\t", arguments, [each for each in WRITTEN if each != "kind"])
    yield file.but("it is called otherwise", "func upsertAutopsyRow", "func upsertAutopsy")
    for field, type in (
        ("DeploymentID string", "int64"), ("Reason       string", "int"), ("Reason       string", "*string"),
        ("ExitCode     *int32", "string"), ("ExitCode     *int32", "*float64"),
        ("Event        string", "bool"), ("Event        string", "*string"),
        ("Hint         string", "sql.NullString"),
        ("LastLines    []string", "map[string]string"),
        ("LastLines    []string", "[]int"), ("LastLines    []string", "string"),
    ):  # fmt: skip
        name, _ = field.split()
        yield file.but(f"{name} is a {type}", field, f"{name} {type}")
    for encoded in (
        '[]byte(strings.Join(a.LastLines, "\\n")), error(nil)', "json.Marshal(a.Hint)",
        "json.Marshal(len(a.LastLines))",
        "xml.Marshal(a.LastLines)", "compress(a.LastLines)", "json.Marshal(a)",
    ):  # fmt: skip
        yield file.but(f"last_lines is {encoded}", "json.Marshal(a.LastLines)", encoded)
    yield file.but("hint is nil", "lines, a.Hint)", "lines, nil)")
    yield file.but("exit_code is a text", "a.Reason, a.ExitCode", 'a.Reason, "oom"')
    yield file.but("last_lines is a text", "lines, a.Hint)", "a.Event, a.Hint)")


def _go_consumer(file: _File) -> Iterator[Drift]:
    yield from _lists(file, "select", READ)
    targets = (
        "&e.ID &e.DeploymentID &e.Kind &e.Reason &e.ExitCode &e.Event &lines &e.Hint &e.CreatedAt".split()
    )
    yield from _arguments(file, "Scan(", targets, READ)
    yield file.but("it reads all columns", ", ".join(READ), "*")
    yield file.but("it reads another table", "FROM deployment_events", "FROM deployment_log")
    yield file.but("it asks for another column", "WHERE deployment_id", "WHERE deployment")
    yield file.but("it sorts by another column", "ORDER BY created_at", "ORDER BY created")
    yield file.but("it is called otherwise", "func GetDeploymentEvents", "func GetEvents")
    for field, type in (
        ("ID           string   ", "int64"), ("DeploymentID string   ", "int"),
        ("Kind         string   ", "int"),
        ("Reason       string   ", "bool"), ("ExitCode     *int32   ", "int32"),
        ("ExitCode     *int32   ", "*int16"),
        ("ExitCode     *int32   ", "*string"), ("Event        string   ", "[]string"),
        ("LastLines    []string ", "map[string]string"), ("LastLines    []string ", "[]int"),
        ("LastLines    []string ", "string"), ("Hint         string   ", "int"),
        ("CreatedAt    time.Time", "int64"),
    ):  # fmt: skip
        name, _ = field.split()
        yield file.but(f"{name} is a {type}", field, f"{name} {type}")
    decoded = "_ = json.Unmarshal(lines, &e.LastLines)"
    yield file.but("last_lines is split", decoded, 'e.LastLines = strings.Split(string(lines), "\\n")')
    yield file.but("last_lines is decoded as XML", decoded, "_ = xml.Unmarshal(lines, &e.LastLines)")


def _python_producer(file: _File) -> Iterator[Drift]:
    yield from _lists(file, "insert", WRITTEN)
    yield from _statement(file)
    yield file.but("it is called otherwise", "def upsert_autopsy_row", "def upsert_autopsy")
    whole = "*autopsy[:4], json.dumps(autopsy.last_lines), autopsy.hint"
    arguments = [f"autopsy.{each}" for each in WRITTEN if each != "kind"]
    arguments[4] = f"json.dumps({arguments[4]})"
    named = file.as_("", file.text.replace(whole, ", ".join(arguments)))
    plain = file._replace(text=named.text)
    yield from _arguments(plain, "(", arguments, [each for each in WRITTEN if each != "kind"])
    yield file.but("a field less is handed over", "*autopsy[:4]", "*autopsy[:3]")
    for field, type in (
        ("deployment_id: str", "int"), ("reason: str", "int"), ("reason: str", "str | None"),
        ("exit_code: int | None", "str"), ("event: str", "bool"), ("event: str", "str | None"),
        ("hint: str", "list[str]"), ("last_lines: list[str]", "dict[str, str]"),
        ("last_lines: list[str]", "list[int]"), ("last_lines: list[str]", "str"),
    ):  # fmt: skip
        name = field.partition(":")[0]
        yield plain.but(f"{name} is a {type}", field, f"{name}: {type}")
    for encoded in (
        '"\\n".join(autopsy.last_lines)', "str(autopsy.last_lines)", "pickle.dumps(autopsy.last_lines)",
        "json.dumps(autopsy.hint)", "json.dumps({'lines': autopsy.last_lines})",
    ):  # fmt: skip
        yield file.but(f"last_lines is {encoded}", "json.dumps(autopsy.last_lines)", encoded)
    yield file.but("hint is None", ", autopsy.hint)", ", None)")


def _python_consumer(file: _File) -> Iterator[Drift]:
    yield from _lists(file, "select", READ, ordered=False)  # rows are dictionaries
    yield file.but("it reads all columns", ", ".join(READ), "*")
    yield file.but("it reads another table", "FROM deployment_events", "FROM deployment_log")
    yield file.but("it asks for another column", "WHERE deployment_id", "WHERE deployment")
    yield file.but("it sorts by another column", "ORDER BY created_at", "ORDER BY created")
    yield file.but("it is called otherwise", "def get_deployment_events", "def get_events")


def _mapped_producer(file: _File) -> Iterator[Drift]:
    for column in WRITTEN:
        line = next(each for each in file.text.splitlines() if each.strip().startswith(f"{column}="))
        value = line.strip().partition("=")[2]
        yield file.but(f"{column} is left out", f"{line}\n", "")
        yield file.but(f"{column} is renamed", line, f"        {column}_text={value}")
        if column != "exit_code":
            yield file.but(f"{column} is None", line, f"        {column}=None,")
    yield file.but("another kind is written", 'kind="failure_autopsy"', 'kind="crash_autopsy"')
    yield file.but(
        "the conflict is on other columns",
        "DeploymentEvent.deployment_id, DeploymentEvent.kind",
        "DeploymentEvent.kind",
    )
    yield file.but("the conflict has another condition", 'kind == "failure_autopsy"', 'kind == "crash"')
    yield file.but(
        "a column is renamed where it is updated", '"last_lines", "hint")', '"last_lines", "hint_text")'
    )
    yield file.but("it is called otherwise", "def upsert_autopsy_row", "def upsert_autopsy")
    for field, type in (
        ("reason: str", "str | None"), ("event: str", "str | None"), ("hint: str", "int"),
        ("exit_code: int | None", "str"),
        ("last_lines: list[str]", "dict[str, str]"), ("last_lines: list[str]", "list[int]"),
    ):  # fmt: skip
        yield file.but(f"{field} is a {type}", field, f"{field.partition(':')[0]}: {type}")
    for encoded in (
        '"\\n".join(autopsy.last_lines)',
        "json.dumps(autopsy.last_lines)",
        "{'lines': autopsy.last_lines}",
    ):
        changed = file.but(
            f"last_lines is {encoded}", "last_lines=autopsy.last_lines", f"last_lines={encoded}"
        )
        yield changed._replace(text=f"import json\n{changed.text}")


def _model(file: _File, service: str) -> Iterator[Drift]:
    for column in READ:
        line = next(each for each in file.text.splitlines() if each.strip().startswith(f"{column}: "))
        if "mapped_column(" in line:
            named = line.replace("mapped_column(", f'mapped_column("{column}_text", ')
        else:
            named = f'{line} = mapped_column("{column}_text")'
        if service == "api" or column in WRITTEN:
            yield file.but(f"{column} has another name in the table", line, named)
            if service == "worker" or column not in ASKED:
                yield file.but(f"{column} is gone", f"{line}\n", "")
    yield file.but("the table is another", '"deployment_events"', '"deployment_log"')
    for field, type in (
        ("exit_code: Mapped[int | None]", "str | None"), ("reason: Mapped[str]", "int"),
        ("hint: Mapped[str]", "bool"),
        ("last_lines: Mapped[list[str]]", "str"),
    ):  # fmt: skip
        yield file.but(f"{field} is a {type}", field, f"{field.partition(':')[0]}: Mapped[{type}]")
    if service == "api":
        yield file.but("exit_code is never None", "Mapped[int | None]", "Mapped[int]")


def _mapped_consumer(file: _File) -> Iterator[Drift]:
    yield file.but(
        "it asks for another column",
        "where(DeploymentEvent.deployment_id",
        "where(DeploymentEvent.deployment",
    )
    yield file.but("it sorts by another column", "DeploymentEvent.created_at", "DeploymentEvent.created")
    yield file.but("it is called otherwise", "def get_deployment_events", "def get_events")
    for at, column in enumerate(READ):
        named = ", ".join(f"DeploymentEvent.{each}" for each in (*READ[:at], *READ[at + 1 :]))
        if column not in ASKED:
            yield file.but(f"{column} is not read", "select(DeploymentEvent)", f"select({named})")
        other = named.replace(
            "DeploymentEvent.kind", f"DeploymentEvent.kind, DeploymentEvent.{column}_text", 1
        )
        if column != "kind":
            yield file.but(
                f"{column} is read under another name", "select(DeploymentEvent)", f"select({other})"
            )


def silent(tried: Iterable[Drift], folder: Path) -> list[str]:
    """The drifts of which neither `parity`, nor of a model `models`, says anything.

    The project has only the language that the drift is in, so that no other file stands in for it.
    """
    found: list[str] = []
    projects: dict[tuple[str, bool], tuple[Path, str, str]] = {}
    for each in tried:
        key = (Path(each.path).suffix, each.in_sqlalchemy)
        if key not in projects:
            project = _project(folder / f"{key[0][1:]}-{key[1]}", *key)
            assert "no findings" in _said("parity", project)
            projects[key] = (project, _said("parity", project), _said("models", project))
        project, agrees, same = projects[key]
        place = project / each.path
        before = place.read_text(encoding="utf-8")
        place.write_text(each.text, encoding="utf-8")
        is_model = each.path.endswith("models.py")
        if _said("parity", project) == agrees and not (is_model and _said("models", project) != same):
            found.append(each.name)
        place.write_text(before, encoding="utf-8")
    return found


def _project(place: Path, ending: str, in_sqlalchemy: bool) -> Path:
    shutil.copytree(EXAMPLE / "project", place)
    if in_sqlalchemy:
        shutil.copytree(EXAMPLE / "in_sqlalchemy/project", place, dirs_exist_ok=True)
    for other in (place / "services").rglob("*"):
        if other.is_file() and other.suffix != ending:
            other.unlink()
    for contract in (place / "contracts").iterdir():
        lines = contract.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if "{path: " not in line or f"{ending}," in line]
        assert len(kept) == len(lines) - 1
        contract.write_text("".join(kept), encoding="utf-8")
    return place


def _said(command: str, project: Path) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        main([command, str(project)])
    return re.sub(r":\d+", "", out.getvalue())  # lines move


if __name__ == "__main__":
    every = list(drifts())
    with tempfile.TemporaryDirectory() as folder:
        missed = silent(every, Path(folder))
    print(*missed, f"{len(every)} drifts, {len(missed)} silent", sep="\n")
    sys.exit(bool(missed))
