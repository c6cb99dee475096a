"""What happens when a module is imported: which of the modules behind an import do more than bind names.

The top of a module runs when it is imported, and with it those of all that it imports. Most do nothing but
bind names, which are made when somebody asks for them (`modules`). Looked for are those that do more. A
*helper of migrations*, which holds Alembic or lies beside the scripts, runs whole. Of other modules those
statements run that call something which *carries* (it mentions Alembic, an engine or what carries, through
however many modules), or that change what other modules hold. All is found by the text, so that of a large
application only those modules are parsed that matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

#: The libraries, and the names of libraries, by which code comes to a database.
_DRIVERS = frozenset({"alembic", "asyncpg", "MySQLdb", "psycopg", "psycopg2", "pymysql", "sqlite3"})
_ENGINES = frozenset({"create_engine", "create_async_engine", "create_pool", "engine_from_config"})
#: What a module holds that is a helper of migrations.
_OPERATIONS = frozenset({"alembic", "alembic.context", "alembic.op", "alembic.operations.Operations"})
_HOLDS = re.compile(rf"\b(?:{'|'.join(sorted(_DRIVERS | _ENGINES))})\b")
#: Libraries whose names a module may change for all the others.
_SHARED = frozenset({"alembic", "builtins", "importlib", "sqlalchemy", "sqlmodel", "sys"})
#: A statement that changes what a name holds: `other.name = …`, `names["x"] = …`, `names.append(…)`.
_CHANGED = re.compile(
    r"^[ \t]*(?:del[ \t]+)?(?P<root>[A-Za-z_]\w*)(?:(?:\.\w+|\[.*\])+[ \t]*[-+|]?=(?!=)|(?:\.\w+)*\."
    r"(?:append|extend|insert|update|add|pop|clear|remove|setdefault|register|listen|listens_for)\()",
    re.MULTILINE,
)
#: Calls that change what they are given; and the names that a class can make code run by.
_SETTING = re.compile(
    r"\b(?:setattr|delattr|listens_for)\b|(?:(?<![.\w])|\bmock\.)patch(?:\.\w+)?\(|__dict__|\bglobals\(|\bvars\("
)
_HOOKS = re.compile(r"__init_subclass__|__set_name__|__prepare__|__mro_entries__|\(type\)")
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<origin>\.*[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n;#]*)"
    r"|import[ \t]+(?P<modules>[^\n;#]+))",
    re.MULTILINE,
)
#: A module that is imported by a call, at the top of another.
_CALLED_IMPORT = re.compile(r"^(?![\s#]).*?\b(?:import_module|__import__)\([ \t]*['\"]([\w.]+)", re.MULTILINE)
#: Comments and strings, to be blanked: what is written in them is no code.
#: What is imported for the checker of types alone.
_CHECKING = re.compile(
    r"^if[ \t]+(?:\w+\.)?TYPE_CHECKING[ \t]*:[^\n]*(?:\n(?:[ \t)][^\n]*|(?=\n|\Z)))*", re.MULTILINE
)
_TEXTS = re.compile(
    r"#[^\n]*|\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''"
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)
_FUNCTION = re.compile(r"(?:async[ \t]+)?def\b")
_CLASS = re.compile(r"class[ \t]+(\w+)")
#: The start of a statement at the top, and what it binds.
_STATEMENT = re.compile(r"^(?=[A-Za-z_@(\[{'])", re.MULTILINE)
_BINDS = re.compile(
    r"(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)|([\w.]+(?:[ \t]*,[ \t]*[\w.]+)*)[ \t]*(?::[^\n=]*)?=(?!=)"
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_CALLED = re.compile(r"([A-Za-z_]\w*)(?:\.\w+)*[ \t]*\(")
#: A call; and a name that may be called, passed on or changed: not one of which only `__tablename__` is read.
_CALL = re.compile(r"[\w)\]][ \t]*\(")
_MENTION = re.compile(r"[A-Za-z_]\w*\b(?!\.__\w+__\b(?![ \t]*\())")
#: A function with its body, and what runs as a program only, and not when it is imported.
_BODIES = re.compile(
    r"^(?P<indent>[ \t]*)(?:(?:async[ \t]+)?def\b|(?P<program>if[ \t]+__name__[ \t]*==))[^\n]*"
    r"(?:\n(?:(?P=indent)[ \t)\]}][^\n]*|[ \t]*(?=\n|\Z)))*",
    re.MULTILINE,
)
#: A name with an annotation and a value.
_ANNOTATED = re.compile(r"[\w.]+[ \t]*:(?P<annotation>[^=]*)=(?!=)(?P<value>.*)", re.DOTALL)


class Line(NamedTuple):
    """A logical line that runs when the module is imported, and calls or changes something."""

    number: int
    names: frozenset[str]  # what may run by it
    changes: frozenset[str]  # what may be changed by it
    head: bool  # it is the head of a class


class Binding(NamedTuple):
    """A statement at the top of a module that binds names."""

    names: frozenset[str]
    mentions: frozenset[str]
    hooks: bool  # it is a class that may do something when another is derived from it
    head: frozenset[str]  # what the head of a class or function mentions


class Text:
    """What the text of a module says of its import. `name`: its dotted name."""

    def __init__(self, source: str, name: str, is_package: bool) -> None:
        package = name.split(".") if is_package else name.split(".")[:-1]
        self._source = source
        # A text is searched for a word at once, and for an expression slowly.
        held = any(word in source for word in (*_DRIVERS, *_ENGINES))
        self.holds = held and _HOLDS.search(source) is not None
        self.bound: dict[str, str] = {}  # the names that its imports bind, and where from
        self.stars: list[str] = []  # the modules whose every name it takes over
        modules: dict[str, None] = {}
        for module, bound, dotted in _imported(source, package):
            modules.setdefault(module)
            modules.setdefault(dotted)
            if bound == "*":
                self.stars.append(module)
            elif bound:
                self.bound[bound] = dotted
        self.helper = self.holds and any(each in _OPERATIONS for each in self.bound.values())
        self.drives: frozenset[str] = frozenset()  # what it imports from libraries that do
        self.taken: frozenset[str] = frozenset()  # what was found to carry of what it takes over
        self.told = (0, 0)  # how much of it has been told to its importers
        self.imports = tuple(modules)  # dotted names of what it imports, each may be a module

    @cached_property
    def _code(self) -> str:
        """The text without strings and comments."""
        return _TEXTS.sub(_blank, self._source)

    @cached_property
    def _tops(self) -> str:
        """What of it runs when it is imported, line by line."""
        return _BODIES.sub(_without_body, self._code)

    @cached_property
    def statements(self) -> tuple[Binding, ...]:
        """What the statements at its top bind."""
        found = []
        for each in _STATEMENT.split(self._code):
            binds = _BINDS.match(each)
            if binds is not None:
                names = (binds[1] or binds[2]).replace(",", " ").split()
                found.append(
                    Binding(
                        frozenset(name.partition(".")[0] for name in names),
                        frozenset(_WORD.findall(each)),
                        _HOOKS.search(each) is not None,
                        frozenset(_WORD.findall(each.partition(":")[0])) if binds[1] else frozenset(),
                    )
                )
        return tuple(found)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What runs at its top."""
        return tuple(_top(self._tops, self._sets))

    @cached_property
    def _sets(self) -> bool:
        return _SETTING.search(self._tops) is not None

    def changes(self, names: frozenset[str]) -> bool:
        """Whether its import may change what one of some names holds. Cheap."""
        return self._sets or any(found["root"] in names for found in _CHANGED.finditer(self._tops))


def _blank(found: re.Match[str]) -> str:
    return "" if found[0][0] == "#" else "''" + "\n" * found[0].count("\n")


def _imported(source: str, package: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Of every name that an import binds: the module, the name, and what it is."""
    if "TYPE_CHECKING" in source:
        source = _CHECKING.sub("", source)
    for called in _CALLED_IMPORT.finditer(source) if "import_" in source else ():
        yield called[1], "", called[1]
    for found in _IMPORT.finditer(source):
        if found["modules"] is not None:
            for each in found["modules"].split(","):
                module, _, bound = (part.strip() for part in each.partition(" as "))
                yield module, bound or module.partition(".")[0], module if bound else module.partition(".")[0]
            continue
        origin = found["origin"]
        dots = len(origin) - len(origin.lstrip("."))
        start = [*package[: len(package) - dots + 1], origin.lstrip(".")] if dots else [origin]
        module = ".".join(part for part in start if part)
        for line in found["names"].strip("()").replace("\\", " ").split("\n"):
            for each in line.split("#")[0].split(","):
                name, _, bound = (part.strip() for part in each.partition(" as "))
                if name == "*":
                    yield module, "*", module
                elif name.isidentifier():
                    yield module, bound or name, f"{module}.{name}" if module else name


def _top(code: str, sets: bool) -> Iterator[Line]:
    """The logical lines of what runs when a module is imported. `sets`: one of them may set anything."""
    pieces: list[str] = []
    begun, depth = 0, 0
    for number, line in enumerate(code.split("\n"), 1):
        text = line.strip()
        if not text:
            continue
        if not pieces:
            begun = number
        pieces.append(text)
        depth += _depth(text)
        if depth > 0 or text.endswith("\\"):
            continue
        whole, depth = " ".join(pieces), 0
        pieces = []
        found = _line(begun, whole, sets)
        if found is not None:
            yield found
    if pieces and (found := _line(begun, " ".join(pieces), sets)) is not None:
        yield found


def _without_body(found: re.Match[str]) -> str:
    """What does not run of a function, or of what runs as a program only, is taken out; its lines stay."""
    if found["program"] is not None:
        return "\n" * found[0].count("\n")
    lines = found[0].split("\n")
    depth, count = 0, 0
    for count, line in enumerate(lines, 1):  # noqa: B007
        depth += _depth(line)
        if depth <= 0 and not line.endswith("\\"):
            break
    return "\n".join(lines[:count]) + "\n" * (len(lines) - count)


def _depth(text: str) -> int:
    """How many more brackets are opened than closed."""
    opened = text.count("(") + text.count("[") + text.count("{")
    return opened - text.count(")") - text.count("]") - text.count("}")


def _line(number: int, text: str, sets: bool) -> Line | None:
    if text[0] != "@" and "(" not in text and "=" not in text and "del " not in text:
        return None
    if text.startswith(("import ", "from ")) and ";" not in text:
        return None
    changes = {found["root"] for found in map(_CHANGED.match, text.split("; ")) if found is not None}
    if sets and _SETTING.search(text) is not None:
        changes.update(_WORD.findall(text))
    if _FUNCTION.match(text) is not None:
        # What its head names besides is what it is given one day.
        names = set(_CALLED.findall(text.partition("(")[2]))
    elif _CALL.search(text) is not None or text.startswith("@") or changes:
        # An annotation names types: of these, only what it calls is run.
        noted = _ANNOTATED.match(text)
        names = set(_MENTION.findall(text if noted is None else noted["value"]))
        names.update(() if noted is None else _CALLED.findall(noted["annotation"]))
    else:
        return None
    return Line(number, frozenset(names), frozenset(changes), _CLASS.match(text) is not None)


class Active(NamedTuple):
    """A module that does more than bind names when it is imported."""

    name: str
    lines: tuple[int, ...]  # where its statements stand that do; of a helper of migrations all of them do
    helper: bool


class Imports:
    """What the modules of a tree do when they are imported; worked out once for each."""

    def __init__(self, find: Callable[[str], str | None], read: Callable[[str], str | None]) -> None:
        self._find = find
        self._read = read
        self._texts: dict[str, Text | None] = {}
        self._closures: dict[str, tuple[str, ...]] = {}
        self._carried = Carried()
        self._active: dict[tuple[str, str], Active | None] = {}  # by module, and the folder of the scripts

    def paths(self, name: str) -> tuple[str, ...]:
        """The files of all modules that an import of one runs."""
        return tuple(path for each in self.closure(name) if (path := self._find(each)) is not None)

    def active(self, name: str, beside: str) -> tuple[Active, ...]:
        """The modules that do more than bind names when one is imported, in the order in which they run.

        `beside`: the folder of the scripts; what lies below it is a helper of theirs.
        """
        texts = {each: text for each in self.closure(name) if (text := self._texts[each]) is not None}
        self._carried.add(texts)
        for each, text in texts.items():
            if (each, beside) not in self._active:
                self._active[each, beside] = self._judged(each, text, beside)
        return tuple(found for each in texts if (found := self._active[each, beside]) is not None)

    def _judged(self, name: str, text: Text, beside: str) -> Active | None:
        if text.helper or (beside and (self._find(name) or "").startswith(f"{beside}/")):
            return Active(name, (), helper=True)
        running = self._carried.names.get(name, frozenset())
        hooks = self._carried.hooks.get(name, frozenset())
        shared = frozenset(bound for bound, dotted in text.bound.items() if self._is_shared(dotted))
        changes = text.changes(shared)
        if not running and not changes:
            return None
        numbers = tuple(
            line.number
            for line in text.lines
            if (running & line.names and (not line.head or hooks & line.names))
            or (changes and shared & line.changes)
        )
        return Active(name, numbers, helper=False) if numbers else None

    def _is_shared(self, dotted: str) -> bool:
        if dotted.partition(".")[0] in _SHARED:
            return True
        return any(self._texts.get(each) is not None for each in (dotted, dotted.rpartition(".")[0]))

    def closure(self, name: str) -> tuple[str, ...]:
        """All modules that an import of one runs: packages first, what a module imports before itself."""
        found = self._closures.get(name)
        if found is None:
            seen: dict[str, None] = {}
            self._visit(name, seen, set())
            found = self._closures[name] = tuple(seen)
        return found

    def _visit(self, name: str, seen: dict[str, None], running: set[str]) -> None:
        waiting: list[tuple[str, bool]] = [(name, False)]
        while waiting:
            each, done = waiting.pop()
            if done:
                seen.setdefault(each)
                continue
            if each in running:
                continue
            running.add(each)
            text = self._text(each)
            waiting.append((each, True))
            parents = [each.rsplit(".", 1)[0]] if "." in each else []
            inner = text.imports if text is not None else ()
            waiting += [(other, False) for other in reversed((*parents, *inner))]

    def _text(self, name: str) -> Text | None:
        if name not in self._texts:
            path = self._find(name)
            source = None if path is None else self._read(path)
            self._texts[name] = (
                None if source is None or path is None else Text(source, name, path.endswith("__init__.py"))
            )
        return self._texts[name]


class Carried:
    """The names of modules by which code comes to a database, whatever it goes through.

    What carries in a module hangs on that module and on what it imports, and on no other.
    """

    def __init__(self) -> None:
        self._texts: dict[str, Text] = {}
        self._importers: dict[str, list[str]] = {}
        self.names: dict[str, frozenset[str]] = {}  # by module
        self.hooks: dict[
            str, frozenset[str]
        ] = {}  # of these, the classes that act when one derives from them

    def add(self, texts: Mapping[str, Text]) -> None:
        """Take in modules, together with all that they import."""
        new = {each: text for each, text in texts.items() if each not in self._texts}
        self._texts.update(new)
        for each, text in new.items():
            text.drives = frozenset(bound for bound, dotted in text.bound.items() if self._drives(dotted))
            for other in dict.fromkeys((*text.imports, *(name.rpartition(".")[0] for name in text.imports))):
                self._importers.setdefault(other, []).append(each)
        waiting = dict.fromkeys(new)
        while waiting:
            each = next(iter(waiting))
            del waiting[each]
            if self._grow(each, self._texts[each]):
                waiting.update(dict.fromkeys(self._importers.get(each, ())))

    def _grow(self, module: str, text: Text) -> bool:
        """Work out what carries in a module; gives whether it is more than was known."""
        found = self._taken_over(text, self.names) | text.drives | (_ENGINES if text.holds else frozenset())
        if found and not found <= text.taken:
            text.taken |= found
            found = _spread(found, ((each.names, each.mentions) for each in text.statements))
            self.names[module] = self.names.get(module, frozenset()) | found
        elif not found:
            return False
        hooks = self._taken_over(text, self.hooks)
        hooks |= {name for each in text.statements if each.hooks for name in each.names}
        if hooks and module in self.names:
            hooks = _spread(hooks, ((each.names, each.head) for each in text.statements))
        known = text.told
        text.told = (len(self.names[module]), len(hooks))
        self.hooks[module] = hooks
        return text.told != known

    def _taken_over(self, text: Text, names: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """The names of a module that come from others, where they are among some."""
        found: set[str] = set()
        for bound, dotted in text.bound.items():
            module, _, name = dotted.rpartition(".")
            if name in names.get(module, ()):
                found.add(bound)
            elif dotted in names:  # a module: its names are mentioned with it
                found |= names[dotted]
        for star in text.stars:
            found |= names.get(star, frozenset())
        return frozenset(found)

    def _drives(self, dotted: str) -> bool:
        """Whether a name comes from a library by which code comes to a database."""
        top = dotted.partition(".")[0]
        return (top in _DRIVERS and top not in self._texts) or dotted.rpartition(".")[2] in _ENGINES


def _spread(
    names: frozenset[str], statements: Iterable[tuple[frozenset[str], frozenset[str]]]
) -> frozenset[str]:
    """Some names, and those that are bound by a statement which mentions one of them, and so on."""
    found, waiting = set(names), list(statements)
    grown = True
    while grown:
        left = []
        for binds, mentions in waiting:
            if mentions & found:
                found |= binds
            else:
                left.append((binds, mentions))
        grown, waiting = len(left) < len(waiting), left
    return frozenset(found)
