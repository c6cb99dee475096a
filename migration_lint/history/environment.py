"""Where the Alembic environments of a tree are, found without importing or running anything.

Looked for below the project's folder: every `alembic.ini` and `[tool.alembic]`, each of their sections
that has a `script_location`, and every folder with an `env.py` that speaks of alembic and a `versions/`
folder, whether or not a configuration speaks of it (a package may hold one and set the rest in code).
An ini file under another name counts too, where the folders that it names are in the tree.

A relative `script_location` is relative to wherever Alembic is started, which a tree does not tell.
Taken is the first folder that exists among: beside the configuration, then one level up after the
other to the project, then the tree's root. One with an `env.py` in it goes before one without.

A configuration whose scripts are not in the tree stops the run only if something could be missed: see
`survey`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from migration_lint.change.tree import Tree
from migration_lint.errors import CannotJudge, Problem
from migration_lint.history.configuration import (
    HERE,
    Address,
    ConfigurationTooLarge,
    Located,
    Options,
    read_options,
)
from migration_lint.history.dialects import dialect_called
from migration_lint.history.folders import Folders, joined, within
from migration_lint.history.script import is_revision_file
from migration_lint.named_tuple import NamedTuple
from migration_lint.wording import OF_MANY, did_you_mean, nearest


class Environment(NamedTuple):
    """One Alembic environment. Folders are tree paths; "" is the tree's root.

    `name` is for messages: the configuration's path and section, or the folder where there is none.
    `config_path` is "" where there is none. `import_roots` are the folders that Python finds modules in:
    those that `prepend_sys_path` names (`prepended`), the project, and their `src/`, in that order.
    """

    name: str
    config_path: str
    script_location: str
    version_locations: tuple[str, ...]
    recursive: bool = False
    sourceless: bool = False
    stated: bool = (
        False  # a configuration says which folders hold the versions, or how deep; else `versions/`
    )
    import_roots: tuple[str, ...] = ("",)
    prepended: tuple[str, ...] = ()
    database: str = ""  # what contracts and the configuration call it
    addresses: tuple[Address, ...] = ()  # that the configuration has for its sections
    dialect: str = ""  # that the name of a folder says, of several that hold the same in other dialects
    engine: str | None = None  # what env.py passes to `upgrade` for it, of several that the scripts are for


class Survey(NamedTuple):
    """The environments of a tree, and why some configurations were passed over."""

    environments: tuple[Environment, ...]
    skipped: tuple[Problem, ...] = ()


def environments(
    tree: Tree, project: str, named: str | Sequence[str] | None = None, *, required: bool = True
) -> tuple[Environment, ...]:
    """The environments of `project` (a folder of the tree, "" for its root), sorted by name.

    `named` (the setting `alembic`; one or several) are paths relative to the project: an ini file, with
    `:section` behind it for one section, a pyproject.toml, or a folder of scripts. Then nothing else is
    looked for. Empty where nothing was found. Raises CannotJudge as `survey` does.

    Without `required`, a named path that is not in the tree is no problem: base need not have it yet.
    """
    return survey(tree, project, named, required=required).environments


def survey(
    tree: Tree,
    project: str,
    named: str | Sequence[str] | None = None,
    *,
    databases: Mapping[str, str] | None = None,
    required: bool = True,
) -> Survey:
    """`environments`, and the configurations that were passed over.

    `databases` maps names to what `named` may hold: those are environments too, of that name.

    A configuration whose folder of scripts is not in the tree is passed over where that misses nothing:
    it lies among tests, fixtures, examples or templates, or a folder of that name with its own `env.py`
    was found anyway. Otherwise, or where it was named, it is a Problem. Raises CannotJudge with all of
    them, and for a configuration that cannot be parsed.
    """
    from migration_lint.history.databases import called

    folders = Folders(tree, project.strip("/"))
    stated = _stated(folders, databases or {}, required)
    if named:
        wanted = (named,) if isinstance(named, str) else tuple(named)
        found = Survey(_named(folders, wanted, required))
    else:
        found = _discovered(folders, bool(stated))
    apart = [part for each in found.environments for part in _by_dialect(folders, each)]
    here = {environment.version_locations for environment in apart}
    apart += [each for each in stated.values() if each.version_locations not in here]
    apart.sort(key=lambda environment: environment.name)
    return Survey(tuple(called(apart, stated)), found.skipped)


def _by_dialect(folders: Folders, environment: Environment) -> list[Environment]:
    """One for each folder of `versions/`, where these are called after dialects and env.py picks one."""
    (location, *more) = environment.version_locations
    if environment.stated or environment.recursive or more:
        return [environment]
    start = len(location) + 1 if location else 0
    inside: set[str] = set()
    for path in folders.tree.below(location):
        folder, _, name = path[start:].rpartition("/")
        folder = folder.partition("/")[0]
        if folder not in inside and is_revision_file(name):
            if not dialect_called(folder):
                return [environment]
            inside.add(folder)
    if len(inside) < 2:
        return [environment]
    return [
        environment._replace(
            name=f"{environment.name} [{name}]",
            version_locations=(folders.real(joined(location, name)),),
            dialect=dialect_called(name) or "",
        )
        for name in sorted(inside)
    ]


def _stated(folders: Folders, databases: Mapping[str, str], required: bool) -> dict[str, Environment]:
    """The environments that the configuration names, by those names. Raises CannotJudge."""
    stated: dict[str, Environment] = {}
    problems: list[Problem] = []
    for name, place in databases.items():
        try:
            found = _named(folders, (place,), required) if place else ()
        except CannotJudge as error:
            problems += error.problems
            continue
        if len(found) > 1:
            message = f"databases.{name} names {place!r}, of which there are {len(found)} databases"
            fix = f"name one of them: {', '.join(_spelled(folders, each) for each in found)}"
            problems.append(Problem(message, fix=fix))
        elif found:
            stated[name] = found[0]
    if problems:
        raise CannotJudge.of(problems)
    return stated


def _spelled(folders: Folders, environment: Environment) -> str:
    """An environment as the configuration may name it."""
    path, _, section = environment.name.partition(" [")
    prefix = f"{folders.project}/" if folders.project else ""
    return path.removeprefix(prefix) + (f":{section.rstrip(']')}" if section else "")


def _discovered(folders: Folders, named: bool) -> Survey:
    """Every environment that is found; `named`: there are some that the configuration names."""
    found: list[Environment] = []
    lost: list[tuple[Options, Problem]] = []
    skipped: list[Problem] = []
    problems: list[Problem] = []
    for folder, ini, toml in folders.configurations():
        try:
            options = read_options(folders.file(ini), folders.file(toml))
        except CannotJudge as error:
            (skipped if folders.material(folder) else problems).extend(error.problems)
            continue
        _take(folders, options, found, lost)
    others, unplaced = _other_environments(folders)
    found.extend(others)
    bare, away = _unconfigured(folders, found)
    found.extend(bare)
    problems.extend(away)
    here = {environment.config_path for environment in found if environment.config_path}
    for option, problem in lost:
        # Where another section of the file is here, this one is of a place where a release is unpacked.
        elsewhere = problem.fix != _REACH and (option.path in here or _found_anyway(option, found))
        calm = elsewhere or folders.material(posixpath.dirname(option.path))
        (skipped if calm else problems).append(problem)
    skipped.extend(problem for option, problem in unplaced if not _found_anyway(option, found, True))
    if not found and not problems and not named:
        problems, skipped = skipped, []  # then it was no by-product but all there is
    if problems:
        raise CannotJudge.of(problems)
    return Survey(_merged(found), tuple(skipped))


def _take(
    folders: Folders,
    options: Iterable[Options],
    found: list[Environment],
    lost: list[tuple[Options, Problem]],
) -> None:
    """Add each section of a configuration to those that are here, or to those whose folders are not."""
    for option in options:
        if folders.template(posixpath.dirname(option.path)) or _is_template(option):
            continue
        placed = _place(folders, option)
        if isinstance(placed, Environment):
            found.append(placed)
        elif placed is not None:
            lost.append((option, placed))


def _is_template(options: Options) -> bool:
    """Whether a section is to be filled in: of cookiecutter, copier and the like."""
    said = (options.script_location, *options.version_locations)
    return any("{" in each.value for each in said if each is not None)


def _other_environments(folders: Folders) -> tuple[list[Environment], list[tuple[Options, Problem]]]:
    """What ini files under other names say, and which of them name folders that are not here.

    A project has them for other databases, or for other machines: the folders of those are elsewhere.
    """
    found: list[Environment] = []
    lost: list[tuple[Options, Problem]] = []
    for ini, toml in folders.other_configurations():
        try:
            options = read_options(folders.file(ini), folders.file(toml))
        except ConfigurationTooLarge:
            raise
        except CannotJudge:
            continue  # Alembic cannot read it either: no database is migrated with it
        _take(folders, options, found, lost)
    return found, lost


def _named(folders: Folders, named: Sequence[str], required: bool) -> tuple[Environment, ...]:
    found: list[Environment] = []
    problems: list[Problem] = []
    for name in named:
        try:
            found.extend(_one_named(folders, name, required))
        except CannotJudge as error:
            problems.extend(error.problems)
    if problems:
        raise CannotJudge.of(problems)
    return _merged(found)


def _one_named(folders: Folders, name: str, required: bool) -> list[Environment]:
    fix = "correct `alembic` in the configuration: an ini file, a pyproject.toml, or the folder of env.py"
    path, section = within(folders.project, name), None
    if path is not None and not folders.has_file(path) and ":" in name:
        file, _, section = name.rpartition(":")
        path = within(folders.project, file)
    if path is not None and folders.has_file(path):
        toml = path.endswith(".toml")
        beside = joined(posixpath.dirname(path), "pyproject.toml")
        beside_file = folders.file(beside) if folders.has_file(beside) else None
        options = read_options(
            None if toml else folders.file(path), folders.file(path) if toml else beside_file, section
        )
        placed = [_place(folders, option) for option in options]
        problems = [item for item in placed if isinstance(item, Problem)]
        if problems:
            raise CannotJudge.of(problems)
        found = [item for item in placed if isinstance(item, Environment)]
        if found:
            return found
        where = f"section [{section}]" if section else "[tool.alembic]" if toml else "section [alembic]"
        raise CannotJudge(Problem(f"there is no {where} with a `script_location` in it", path, fix=fix))
    folder = None if section else path
    if folder is None or not folders.is_folder(folder):
        if not required:
            return []
        away = folders.away(folder) if folder is not None else ""
        if away:
            raise CannotJudge(Problem(f"`alembic` names {name!r}: {away}", fix=_REACH))
        meant = nearest(name, _could_be_named(folders), cutoff=OF_MANY)
        message = f"`alembic` names {name!r}, which is not in {folders.tree.name}"
        raise CannotJudge(Problem(message, fix=did_you_mean(meant, fix)))
    return _named_folder(folders, folders.real(folder), name, fix)


def _could_be_named(folders: Folders) -> list[str]:
    """What `alembic` may name, below the project: ini and TOML files, and the folders of an env.py."""
    top = f"{folders.project}/" if folders.project else ""
    inside = sorted(path[len(top) :] for path in folders.tree.files() if path.startswith(top))
    files = [path for path in inside if path.endswith((".ini", ".toml"))]
    return files + [path.rpartition("/")[0] for path in inside if path.endswith("/env.py")]


def _named_folder(folders: Folders, folder: str, name: str, fix: str) -> list[Environment]:
    """A folder of scripts that was named; the configurations that speak of it say the rest."""
    found = list(_speaking_of(folders, folder, [files[1:] for files in folders.configurations()]))
    if not found:
        if folders.is_folder(joined(folder, "versions")) or folders.has_env(folder):
            found = [_bare(folders, folder)]
        elif any(file.endswith(".py") for file in folders.tree.below(folder)):
            found = [_bare(folders, folder)._replace(version_locations=(folder,))]
    known = {environment.version_locations for environment in found}
    others = _speaking_of(folders, folder, folders.other_configurations())
    found += [environment for environment in others if environment.version_locations not in known]
    if found:
        return found
    message = f"`alembic` names {name!r}, a folder with neither an env.py nor scripts"
    raise CannotJudge(Problem(message, folder, fix=fix))


def _speaking_of(
    folders: Folders, folder: str, files: Iterable[tuple[str | None, str | None]]
) -> Iterator[Environment]:
    """The environments that ini files, each with the pyproject.toml beside it, make of one folder."""
    for ini, toml in files:
        try:
            options = read_options(folders.file(ini), folders.file(toml))
        except CannotJudge:
            continue  # not what was asked for
        for placed in (_place(folders, option) for option in options):
            if isinstance(placed, Environment) and placed.script_location == folder:
                yield placed


def _place(folders: Folders, options: Options) -> Environment | Problem | None:
    """Where the scripts of one section are. None: the section says nothing of scripts."""
    folder = posixpath.dirname(options.path)
    said = options.script_location
    if said is None:
        if options.problems:
            return _with_fix(options.problems[0])
        # Flask-Migrate keeps alembic.ini inside the folder of scripts and sets the location in code
        if not options.path.endswith(".ini") or not folders.has_env(folder):
            return None
        said = Located(HERE + ("/" + folder if folder else ""))
    if options.problems:
        return _with_fix(options.problems[0])
    prepended = _prepended(folders, folder, options.prepend_sys_path)
    import_roots = _import_roots(folders, folder, prepended)
    location = _locate(folders, folder, said.value, import_roots)
    if location is None:
        return _not_there(folders, options, "`script_location` is", said)
    if isinstance(location, Away):
        return _led_away(location, options, "`script_location` is", said)
    versions: list[str] = []
    for item in options.version_locations:
        place = _locate(folders, folder, item.value, import_roots, versions=True)
        if place is None:
            return _not_there(folders, options, "`version_locations` names", item)
        if isinstance(place, Away):
            return _led_away(place, options, "`version_locations` names", item)
        versions.append(place)
    if not versions and folders.away(joined(location, "versions")):
        return Problem(f"the scripts are not here: {folders.away(joined(location, 'versions'))}", fix=_REACH)
    return Environment(
        name=options.name,
        config_path=options.path,
        script_location=location,
        version_locations=tuple(dict.fromkeys(versions)) or (folders.real(joined(location, "versions")),),
        recursive=bool(options.recursive),
        sourceless=options.sourceless,
        stated=bool(versions) or options.recursive is not None,
        import_roots=import_roots,
        prepended=prepended,
        addresses=options.addresses,
    )


class Away(NamedTuple):
    """Why a location cannot be looked into: a link out of the tree, a submodule."""

    why: str


_REACH = "put the scripts into the tree that is judged, or judge the repository that they are in"


def _not_there(folders: Folders, options: Options, said: str, item: Located) -> Problem:
    shown = _shown(item.value, posixpath.dirname(options.path))
    return _with_fix(
        Problem(f"{said} {shown!r}, which is no folder in {folders.tree.name}", options.path, item.line)
    )


def _led_away(away: Away, options: Options, said: str, item: Located) -> Problem:
    shown = _shown(item.value, posixpath.dirname(options.path))
    return Problem(f"{said} {shown!r}: {away.why}", options.path, item.line, fix=_REACH)


def _with_fix(problem: Problem) -> Problem:
    fix = (
        "set `alembic` in migration-lint's configuration to the environment to judge: its ini file or folder"
    )
    return problem if problem.fix else problem._replace(fix=fix)


def _shown(value: str, folder: str) -> str:
    """A value as its author wrote it."""
    here = f"{HERE}/{folder}" if folder else HERE
    return value.replace(here, "%(here)s")


def _locate(
    folders: Folders, folder: str, value: str, import_roots: Sequence[str], *, versions: bool = False
) -> str | Away | None:
    """The folder of the tree that a location means, without links; None where there is none.

    A relative folder of versions that is not there is one without revisions, as Alembic takes it: git
    keeps no empty folders. If its scripts are elsewhere, those that stand on them will miss them.
    """
    value = value.replace("\\", "/")
    best = None if versions else folders.has_env
    if value.startswith(HERE):
        path = within("", value[len(HERE) :].lstrip("/"))
        if path is not None and folders.away(path):
            return Away(folders.away(path))
        if path is not None and (versions or folders.is_folder(path)):
            return folders.real(path)
        return None
    if value.startswith("/"):
        return None
    if ":" in value:
        package, *rest = value.split(":")
        inner = posixpath.join(package.replace(".", "/"), *rest)
        known = folders.first((within(root, inner) for root in import_roots), best)
        if known is None:
            elsewhere = folders.folders_ending(posixpath.normpath(inner))
            known = elsewhere[0] if len(elsewhere) == 1 else None
        return known
    above = folders.upwards(folder)
    candidates = [within(start, value) for start in above]
    found = folders.first(candidates, best)
    if found is not None:
        return found
    away = next((why for each in candidates if each is not None and (why := folders.away(each))), "")
    return Away(away) if away else within(folder, value) if versions else None


def _prepended(folders: Folders, folder: str, values: Sequence[str]) -> tuple[str, ...]:
    """The folders of the tree that `prepend_sys_path` names."""
    found: list[str] = []
    for value in values:
        value = value.replace("\\", "/")
        if value.startswith(HERE):
            place = within("", value[len(HERE) :].lstrip("/"))
        elif value.startswith("/"):
            continue
        else:
            place = folders.first(within(start, value) for start in folders.upwards(folder))
        if place is not None and folders.is_folder(place):
            found.append(place)
    return tuple(dict.fromkeys(found))


def _import_roots(folders: Folders, folder: str, prepended: Sequence[str]) -> tuple[str, ...]:
    roots = list(dict.fromkeys((*prepended, folder, folders.project)))
    sources = [joined(root, "src") for root in roots]
    return tuple(dict.fromkeys((*roots, *(source for source in sources if folders.is_folder(source)))))


def _unconfigured(folders: Folders, found: Sequence[Environment]) -> tuple[list[Environment], list[Problem]]:
    """Folders of scripts that no configuration speaks of, and those whose scripts are not in the tree."""
    spoken_of = {environment.script_location for environment in found}
    versions = {location for environment in found for location in environment.version_locations}
    bare: list[Environment] = []
    away: list[Problem] = []
    for folder in folders.script_folders():
        place = joined(folder, "versions")
        if (
            folders.template(folder)
            or folder in spoken_of
            or folders.real(place) in versions
            or not folders.speaks_of_alembic(folder)
        ):
            continue
        if folders.away(place):
            message = f"the scripts of this env.py are not here: {folders.away(place)}"
            away.append(Problem(message, joined(folder, "env.py"), fix=_REACH))
        else:
            bare.append(_bare(folders, folder))
    return bare, away


def _bare(folders: Folders, folder: str) -> Environment:
    versions = folders.real(joined(folder, "versions"))
    return Environment(
        name=folder or ".",
        config_path="",
        script_location=folder,
        version_locations=(versions,),
        import_roots=_import_roots(folders, folders.project, ()),
    )


def _found_anyway(options: Options, found: Sequence[Environment], configured: bool = False) -> bool:
    """Whether the folder that a lost configuration means is, by its name, among those found without one.

    With `configured` among all that were found.
    """
    if options.script_location is None or options.version_locations:
        return False
    wanted = posixpath.basename(options.script_location.value.replace(":", "/").rstrip("/"))
    return any(
        (configured or not environment.config_path)
        and posixpath.basename(environment.script_location) == wanted
        for environment in found
    )


def _merged(found: Sequence[Environment]) -> tuple[Environment, ...]:
    """Each set of folders once, under the name that comes first; sorted by name.

    Of two configurations of one folder of scripts, the one that covers the other's versions stands for both.
    """
    kept: list[Environment] = []
    for environment in sorted(found, key=lambda item: (item.name.count("/"), item.name)):
        for at, other in enumerate(kept):
            if other.script_location != environment.script_location:
                continue
            ours, theirs = set(environment.version_locations), set(other.version_locations)
            if ours <= theirs:
                kept[at] = other._replace(recursive=other.recursive or environment.recursive)
                break
            if theirs < ours:
                kept[at] = environment._replace(recursive=other.recursive or environment.recursive)
                break
        else:
            kept.append(environment)
    return tuple(sorted(kept, key=lambda item: item.name))
