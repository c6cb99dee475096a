"""Where a project's build configuration says that its packages are, as text: nothing is built or run.

Read are pyproject.toml (setuptools, Hatch, Poetry, PDM, uv, Maturin), setup.cfg and the constants of
setup.py. What the configuration of pytest puts on the path is where the project's own tests find its modules,
and a hint for migrations too.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping

from migration_lint.errors import CannotJudge
from migration_lint.named_tuple import NamedTuple
from migration_lint.toml_document import read_toml

#: The files of a folder that may say it.
FILES = ("pyproject.toml", "setup.cfg", "setup.py", "pytest.ini", "tox.ini")

_WORDS = (
    "package-dir", "package_dir", "where", "packages", "pythonpath", "sources", "python-source",
    "module-root", "python_paths",
)  # fmt: skip


class Packages(NamedTuple):
    """Folders, as seen from that of the configuration, in which packages are; and where single ones are."""

    roots: tuple[str, ...] = ()
    places: Mapping[str, str] = {}  # dotted name of a package → its folder


def packages_of(name: str, text: str) -> Packages:
    """What one configuration file says. Empty where it says nothing, or cannot be read."""
    if not any(word in text for word in _WORDS):
        return Packages()
    found = list(_READERS[name](text))
    return Packages(
        tuple(dict.fromkeys(folder for package, folder in found if not package)),
        {package: folder for package, folder in found if package},
    )


Found = Iterator[tuple[str, str]]  # the dotted name of a package, "" for all of them, and the folder


def _pyproject(text: str) -> Found:
    try:
        document = read_toml("pyproject.toml", text.encode())
    except CannotJudge:
        return  # whoever needs the file says so

    def table(section: str) -> Mapping[str, object]:
        value = document.under(section)
        return value if isinstance(value, dict) else {}

    yield from _package_dirs(table("tool.setuptools.package-dir").items())
    yield from _folders(table("tool.setuptools.packages.find").get("where"))
    for section in ("tool.hatch.build.targets.wheel", "tool.hatch.build"):
        for package in _texts(table(section).get("packages")):
            yield "", posixpath.dirname(package.rstrip("/"))
        sources = table(section).get("sources")
        yield from _folders(list(sources) if isinstance(sources, dict) else sources)
    packages = table("tool.poetry").get("packages")
    for item in packages if isinstance(packages, list) else ():
        if isinstance(item, dict) and isinstance(item.get("from"), str):
            yield "", item["from"]
    yield from _folders(table("tool.pdm.build").get("package-dir"))
    yield from _folders(table("tool.uv.build-backend").get("module-root"))
    yield from _folders(table("tool.maturin").get("python-source"))
    yield from _folders(table("tool.pytest.ini_options").get("pythonpath"))


def _cfg(text: str) -> Found:
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    pairs = (line.partition("=") for line in parser.get("options", "package_dir", fallback="").splitlines())
    yield from _package_dirs((name.strip(), folder.strip()) for name, equals, folder in pairs if equals)
    for section, key in (
        ("options.packages.find", "where"),
        ("options.packages.find_namespace", "where"),
        ("pytest", "pythonpath"),
        ("tool:pytest", "pythonpath"),
        ("pytest", "python_paths"),
        ("tool:pytest", "python_paths"),
    ):
        yield from _folders(parser.get(section, key, fallback="").split())


def _setup(text: str) -> Found:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        named = {each.arg: each.value for each in node.keywords}
        if isinstance(named.get("package_dir"), ast.Dict):
            of = named["package_dir"]
            assert isinstance(of, ast.Dict)
            pairs = zip(of.keys, of.values, strict=True)
            yield from _package_dirs((_text(key), _text(value)) for key, value in pairs)
        if isinstance(node.func, (ast.Name, ast.Attribute)):
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if called in ("find_packages", "find_namespace_packages"):
                where = named.get("where", node.args[0] if node.args else None)
                yield from _folders(_text(where))


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _package_dirs(pairs: Iterable[tuple[object, object]]) -> Found:
    for package, folder in pairs:
        if isinstance(package, str) and isinstance(folder, str):
            yield package, folder


def _folders(value: object) -> Found:
    for folder in _texts(value):
        yield "", folder


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item]


_READERS: Mapping[str, Callable[[str], Found]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _cfg,
    "setup.py": _setup,
    "pytest.ini": _cfg,
    "tox.ini": _cfg,
}
