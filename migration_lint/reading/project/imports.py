"""What happens when a module is imported: which of the modules behind an import do more than bind names.

The top of a module runs when it is imported, and with it those of all that it imports. Most do nothing but
bind names, which are made when somebody asks for them (`modules`). Looked for are those that do more. A
*helper of migrations*, which holds Alembic or lies beside the scripts, runs whole. Of other modules those
statements run that call something which *carries* (it mentions Alembic, an engine, what makes code or finds
modules by names that are worked out, or what carries, through however many modules), or that change what
other modules hold. All is found by the text, so that of a large application only those modules are parsed
that matter. A text that is written so that this cannot be told from it (`Text.plain`) is parsed, and looked
through as Python itself would write it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib.util import decode_source

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple

#: The libraries, and the names of libraries, by which code comes to a database.
_DRIVERS = frozenset({"alembic", "asyncpg", "MySQLdb", "psycopg", "psycopg2", "pymysql", "sqlite3"})
_ENGINES = frozenset({"create_engine", "create_async_engine", "create_pool", "engine_from_config"})
#: What a module holds that is a helper of migrations.
_OPERATIONS = frozenset({"alembic", "alembic.context", "alembic.op", "alembic.operations.Operations"})
_HOLDS = lazy_pattern(rf"\b(?:{'|'.join(sorted(_DRIVERS | _ENGINES))})\b")
#: Libraries whose names a module may change for all the others.
_SHARED = frozenset(
    {"alembic", "builtins", "importlib", "sqlalchemy", "sqlmodel", "sys", "typing", "typing_extensions"}
)
#: Names by which code is made, or a module found, from a text that is worked out.
_DYNAMIC = lazy_pattern(
    r"(?<![.\w])(?<!def )(?:exec|eval)\b(?![ \t]*[=:])"
    r"|\b(?:__import__|__builtins__|__loader__|import_module|resolve_name|run_path|run_module"
    r"|load_module|exec_module|module_from_spec|spec_from_file_location|SourceFileLoader"
    r"|get_referrers|get_objects|_getframe|currentframe|settrace|setprofile|f_globals|f_locals|__globals__"
    r"|__subclasses__|cell_contents)\b"
)
#: What each of them holds, to be looked for first.
_DYNAMIC_WORDS = (
    "exec", "eval", "__import__", "__builtins__", "__loader__", "import_module", "resolve_name", "run_path",
    "run_module", "load_module", "module_from_spec", "spec_from_file_location", "SourceFileLoader", "get_ref",
    "get_objects", "frame", "settrace", "setprofile", "_globals", "f_locals", "__globals__", "__subclasses__",
    "cell_contents",
)  # fmt: skip
#: Libraries of which every name does; and those of which some do, by names that may be worked out, too.
_FINDERS = frozenset({"builtins", "code", "ctypes", "runpy"})
_SOME_FIND = frozenset({"gc", "importlib", "inspect", "pkgutil", "sys", "types"})
#: What takes an attribute by a name that is worked out.
_BY_NAME = lazy_pattern(r"\b(?:getattr|vars|__dict__|attrgetter|methodcaller|__getattribute__)\b")
_OF_OWN = lazy_pattern(r"\b(?:globals|locals|vars)\b")
#: A statement that changes what a name holds: `other.name = …`, `names["x"] = …`, `names.append(…)`.
_CHANGED = lazy_pattern(
    r"^[ \t]*(?:del[ \t]+)?(?P<root>[A-Za-z_]\w*)(?:(?:\.\w+|\[.*\])+[ \t]*[-+|]?=(?!=)|(?:\.\w+)*\."
    r"(?:append|extend|insert|update|add|pop|clear|remove|setdefault|register|listen|listens_for)\()",
    re.MULTILINE,
)
#: Calls that change what they are given, or how it is written; and the names that a class makes code run by.
_SETTING = lazy_pattern(
    r"\b(?:setattr|delattr|listens_for|compiles)\b|(?:(?<![.\w])|\bmock\.)patch(?:\.\w+)?\("
    r"|__dict__|\bglobals\(|\bvars\("
)
_HOOKS = lazy_pattern(
    r"__init_subclass__|__set_name__|__prepare__|__mro_entries__|__class_getitem__|\(type\)|\btype\([^()\n]*,"
)
_IMPORT = lazy_pattern(
    r"^[ \t]*(?:from[ \t]+(?P<origin>\.*[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n;#]*)"
    r"|import[ \t]+(?P<modules>[^\n;#]+))",
    re.MULTILINE,
)
#: A module that is imported by a call, at the top of another.
_CALLED_IMPORT = lazy_pattern(
    r"^(?![\s#]).*?\b(?:import_module|__import__)\([ \t]*['\"]([\w.]+)", re.MULTILINE
)
_IMPORTING = lazy_pattern(r"\bimport\b")
#: What is imported for the checker of types alone; and where the name may mean another thing.
_CHECKING = lazy_pattern(
    r"^if[ \t]+(?:(\w+)\.)?TYPE_CHECKING[ \t]*:[^\n]*(?:\n(?:[ \t)][^\n]*|(?=\n|\Z)))*", re.MULTILINE
)
_CHECKING_SET = lazy_pattern(
    r"['\"]TYPE_CHECKING['\"]|\bTYPE_CHECKING[ \t]*(?::[^=\n]*)?:?=(?!=)|\bas[ \t]+TYPE_CHECKING\b"
)
#: Comments and strings, to be blanked: what is written in them is no code, but for formatted strings.
_TEXTS = lazy_pattern(
    r"#[^\n]*|(?:[fFtT][rR]?|[rR][fFtT])?"
    r"(?:\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''"
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')",
    re.DOTALL,
)
_FUNCTION = lazy_pattern(r"(?:async[ \t]+)?def\b")
_CLASS = lazy_pattern(r"class[ \t]+(\w+)")
#: The start of a statement at the top; a definition; what a function binds at the top; and what else binds.
_STATEMENT = lazy_pattern(r"^(?=[A-Za-z_@(\[{'])", re.MULTILINE)
_DEFINES = lazy_pattern(r"(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)")
_DEFINES_INSIDE = lazy_pattern(r"^[ \t]+(?:(?:async[ \t]+)?def|class)[ \t]+(\w+)", re.MULTILINE)
_GLOBAL = lazy_pattern(r"^[ \t]+global[ \t]+([\w, \t]+)", re.MULTILINE)
_BINDS = lazy_pattern(
    r"\b(?:as|type)[ \t]+(\w+)|(\w+)[ \t]*:=|\bfor[ \t]+([^\n]*?)[ \t]+in\b|^[ \t]*case\b([^\n]*)",
    re.MULTILINE,
)
_KEEPS = lazy_pattern(r"[ \t]*(?:await[ \t]+)?([A-Za-z_]\w*)[ \t]*(?:\.[ \t]*\w+|\[[^\]]*\])+[ \t]*\(")
_MARKS = lazy_pattern(r"[(\[{]|[)\]}]|<<=|>>=|[=!<>:]=|=")
_COMPOUND = lazy_pattern(r"(?:if|for|while|with|try|match|async)\b")
_WORD = lazy_pattern(r"[A-Za-z_]\w*")
_CALLED = lazy_pattern(r"([A-Za-z_]\w*)(?:\.\w+)*[ \t]*\(")
#: A call; and a name that may be called, passed on or changed: not one of which only `__tablename__` is read.
_CALL = lazy_pattern(r"[\w)\]][ \t]*\(")
_MENTION = lazy_pattern(
    r"[A-Za-z_]\w*\b(?!\.__(?:name|doc|file|version|tablename|table|table_args)__\b(?![ \t]*\())"
)
#: A function with its body, and what runs as a program only, and not when it is imported.
_BODIES = lazy_pattern(
    r"^(?P<indent>[ \t]*)"
    r"(?:(?:async[ \t]+)?def\b|(?P<program>if[ \t]+__name__[ \t]*==[ \t]*'__main__'[ \t]*:))[^\n]*"
    r"(?:\n(?:(?P=indent)[ \t)\]}][^\n]*|[ \t]*(?=\n|\Z)))*",
    re.MULTILINE,
)
#: What makes a module take another name than its own.
_RENAMED = lazy_pattern(r"\b__name__[ \t]*(?::[^=\n]*)?:?=(?!=)|['\"]__name__['\"]")
#: A name with an annotation and a value.
_ANNOTATED = lazy_pattern(r"[\w.]+[ \t]*:(?P<annotation>[^=]*)=(?!=)(?P<value>.*)", re.DOTALL)


def decoded(data: bytes) -> str:
    """The text of a module, as Python reads it. Raises SyntaxError or UnicodeDecodeError where it cannot."""
    head = b"\n".join(data[:400].replace(b"\r", b"\n").split(b"\n", 2)[:2])
    if b"coding" in head:
        return decode_source(data)
    text = data.decode("utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


#: A line without a call or assignment that may run something all the same.
_ACTS = lazy_pattern(
    r"(?!(?:pass|else|try|except|finally|import|from|class|global|return|break|continue|raise|nonlocal)\b|''$)"
    r"(?![\w.]+[ \t]*:(?![^\n]*:$))(?:del|assert|if|elif|while|with|for|async|await|match|not)\b"
    r"|[\w\])]+[ \t]*(?:[-+*/%@&|^<>.\[]|\bin\b|\bnot\b)|[-+~]"
)


class LogicalLine(NamedTuple):
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


class ModuleText:
    """What the text of a module says of its import. `name`: its dotted name.

    `plain`: every import in it, and all that could run something, is found by the text alone. Where it is
    not, the text is that of its syntax tree, written anew; `lost` where there is none.
    """

    def __init__(self, source: str, name: str, is_package: bool) -> None:
        package = name.split(".") if is_package else name.split(".")[:-1]
        self.lost = False
        self._source = source
        # Most texts say `import` nowhere but where they import: then nothing has to be blanked.
        found = _imported(source, package) if source.isascii() and ";" not in source else None
        if found is None:
            found = _imported(self._code, package)
        self.plain = found is not None
        if found is None:
            try:
                source = ast.unparse(ast.parse(source))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self.lost = True
            self._source, self._code = source, _TEXTS.sub(_blank, source)
            found = _imported(self._code, package, strict=False) or []
        # A text is searched for a word at once, and for an expression slowly.
        held = any(word in source for word in (*_DRIVERS, *_ENGINES))
        self.holds = held and _HOLDS.search(source) is not None
        self.bound: dict[str, str] = {}  # the names that its imports bind, and where from
        self.inner: list[str] = []  # the modules of which it binds only the package that they are in
        self.stars: list[str] = []  # the modules whose every name it takes over
        modules: dict[str, None] = {}
        if "import_" in source:
            modules.update((called[1], None) for called in _CALLED_IMPORT.finditer(source))
        for module, bound, dotted in self._counting(found, package):
            modules.setdefault(module)
            modules.setdefault(dotted)
            if bound == dotted != module:
                self.inner.append(module)
            if bound == "*":
                self.stars.append(module)
            elif bound:
                self.bound[bound] = dotted
        self.helper = self.holds and any(each in _OPERATIONS for each in self.bound.values())
        self.drives: frozenset[str] = frozenset()  # what it imports from libraries that do
        self.taken: frozenset[str] = frozenset()  # what was found to carry of what it takes over
        self.told = (0, 0)  # how much of it has been told to its importers
        self.imports = tuple(modules)  # dotted names of what it imports, each may be a module

    def _counting(self, found: list[_Imported], package: Sequence[str]) -> list[_Imported]:
        """Of the imports those that happen: not what stands there for the checker of types alone."""
        if "TYPE_CHECKING" not in self._source or _CHECKING_SET.search(self._source) is not None:
            return found
        origins = {bound: dotted for _, bound, dotted in found}

        def without(block: re.Match[str]) -> str:
            name = f"{block[1]}.TYPE_CHECKING" if block[1] else "TYPE_CHECKING"
            origin = origins.get(name.partition(".")[0], "")
            dotted = f"{origin}.TYPE_CHECKING" if block[1] else origin
            typings = dotted in ("typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING")
            return "\n" * block[0].count("\n") if typings else block[0]

        self._code = _CHECKING.sub(without, self._code)
        return _imported(self._code, package, strict=False) or []

    @cached_property
    def _code(self) -> str:
        """The text without strings and comments."""
        return _TEXTS.sub(_blank, self._source)

    @cached_property
    def _tops(self) -> str:
        """What of it runs when it is imported, line by line."""
        renamed = "__main__" in self._code and _RENAMED.search(self._source) is not None
        code = self._code.replace("'__main__'", "''") if renamed else self._code
        return _BODIES.sub(_without_body, code)

    @cached_property
    def finds(self) -> frozenset[str]:
        """The names in it by which code is made, or found by a name that is worked out."""
        held = any(word in self._source for word in _DYNAMIC_WORDS)
        found = set(_DYNAMIC.findall(self._code)) if held else set()
        for bound, dotted in self.bound.items():
            top = dotted.partition(".")[0]
            taken = top in _FINDERS or dotted in ("sys.modules", "sys._getframe")
            if taken or (top in _SOME_FIND and "." not in dotted and self._passes_on(bound)):
                found.add(bound)
        return frozenset(found)

    def _passes_on(self, module: str) -> bool:
        """Whether it does more with a module than to take attributes by their names, or takes all modules."""
        code = self._code
        for found in re.finditer(
            rf"\b{module}\b(?:[ \t]*\.[ \t]*(?:modules|__dict__)\b|(?![ \t]*[.=]))", code
        ):
            line = code[code.rfind("\n", 0, found.start()) + 1 : found.start()].lstrip()
            if not line.startswith(("import ", "from ")):
                return True
        return False

    @cached_property
    def by_name(self) -> bool:
        """Whether it takes attributes by names that may be worked out."""
        return _BY_NAME.search(self._code) is not None

    @cached_property
    def of_own(self) -> frozenset[str]:
        """What gives its own names by a text that may be worked out."""
        return frozenset(_OF_OWN.findall(self._code))

    @cached_property
    def statements(self) -> tuple[Binding, ...]:
        """What the statements at its top bind."""
        found = []
        decorators: list[str] = []
        for each in _STATEMENT.split(self._code):
            if each.startswith("@"):
                decorators += _WORD.findall(each)
                continue
            defines = _DEFINES.match(each)
            names = {defines[1]} if defines is not None else _targets(each)
            names.update(word for more in _GLOBAL.findall(each) for word in _WORD.findall(more))
            if names:
                found.append(
                    Binding(
                        frozenset(names),
                        frozenset((*_WORD.findall(each), *decorators)),
                        _HOOKS.search(each) is not None,
                        frozenset(_WORD.findall(each.partition(":")[0])) if defines else frozenset(),
                    )
                )
            decorators = []
        return tuple(found)

    @cached_property
    def lines(self) -> tuple[LogicalLine, ...]:
        """What runs at its top."""
        return tuple(_top(self._tops, self._sets))

    @cached_property
    def _sets(self) -> bool:
        return _SETTING.search(self._tops) is not None

    def changes(self, names: frozenset[str]) -> bool:
        """Whether its import may change what one of some names holds. Cheap."""
        return self._sets or any(found["root"] in names for found in _CHANGED.finditer(self._tops))


def _targets(statement: str) -> set[str]:
    """The names that a statement at the top binds, or that may keep what is given to a method of theirs."""
    found: set[str] = set()
    for each in _BINDS.findall(statement):
        found.update(word for part in each for word in _WORD.findall(part) if word not in _KEYWORDS)
    compound = _COMPOUND.match(statement) is not None
    if compound:
        found.update(_DEFINES_INSIDE.findall(statement))
    depth = start = end = 0
    for mark in _MARKS.finditer(statement):
        if mark[0] in "([{":
            depth += 1
        elif mark[0] in ")]}":
            depth -= 1
        elif depth == 0 and mark[0] in ("=", "<<=", ">>="):
            end = mark.start()
            if compound:
                start = statement.rfind("\n", 0, end) + 1
            found.update(_WORD.findall(statement[start:end]))
    for line in statement.split("\n") if compound else (statement,) if not end else ():
        keeps = _KEEPS.match(line)
        if keeps is not None:
            found.add(keeps[1])
    return found


#: Of every name that an import binds: the module, the name, and what it is.
_Imported = tuple[str, str, str]


def _blank(found: re.Match[str]) -> str:
    text = found[0]
    if text[0] == "#":
        return ""
    lines = "\n" * text.count("\n")
    if text[0] not in "'\"" and "{" in text:
        # What a formatted string mentions may run; `import` is nothing that can stand in it.
        plain = text.replace("{{", "").replace("}}", "")
        parts = _REPLACED.findall(plain)
        words = [word for part in parts for word in _WORD.findall(part) if word not in _KEYWORDS]
        odd = ";" if plain.count("{") != plain.count("}") else ""
        return f"f({','.join(words)}{lines}){odd}"
    return "'__main__'" if text[1:-1] == "__main__" else "''" + lines


#: What a formatted string holds in braces.
_REPLACED = lazy_pattern(r"\{([^{}]*)")
_KEYWORDS = frozenset(("in", "import", "as", "for", "case", "global", "def", "class", "if", "type"))


def _imported(code: str, package: Sequence[str], *, strict: bool = True) -> list[_Imported] | None:
    """What imports bind. None where the text does not tell all of it, if `strict`."""
    if "\\\n" in code:
        code = code.replace("\\\n", " ")
    if strict and (";" in code or "\f" in code or not code.isascii()):
        return None
    found: list[_Imported] = []
    count = 0
    for each in _IMPORT.finditer(code):
        count += 1
        if each["modules"] is not None:
            for one in each["modules"].split(","):
                module, _, bound = (part.strip() for part in one.partition(" as "))
                if strict and not module.replace(".", "").isidentifier():
                    return None
                found.append(
                    (module, bound or module.partition(".")[0], module if bound else module.partition(".")[0])
                )
            continue
        origin = each["origin"]
        dots = len(origin) - len(origin.lstrip("."))
        start = [*package[: len(package) - dots + 1], origin.lstrip(".")] if dots else [origin]
        module = ".".join(part for part in start if part)
        for one in each["names"].strip("()").replace("\n", " ").split(","):
            name, _, bound = (part.strip() for part in one.partition(" as "))
            if name == "*":
                found.append((module, "*", module))
            elif name.isidentifier():
                found.append((module, bound or name, f"{module}.{name}" if module else name))
            elif strict and name:
                return None
    return None if strict and count != len(_IMPORTING.findall(code)) else found


def _top(code: str, sets: bool) -> Iterator[LogicalLine]:
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


def _line(number: int, text: str, sets: bool) -> LogicalLine | None:
    if text[0] != "@" and "(" not in text and "=" not in text:
        # An operator, an attribute and a loop run code as well; of a name and its annotation nothing does.
        acts = _ACTS.match(text) is not None
        return (
            LogicalLine(number, frozenset(_MENTION.findall(text)), frozenset(), head=False) if acts else None
        )
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
    return LogicalLine(number, frozenset(names), frozenset(changes), _CLASS.match(text) is not None)


class Active(NamedTuple):
    """A module that does more than bind names when it is imported."""

    name: str
    lines: tuple[int, ...] | None  # where its statements stand that do; None: all of it runs
    helper: bool


class Imports:
    """What the modules of a tree do when they are imported; worked out once for each."""

    def __init__(self, find: Callable[[str], str | None], read: Callable[[str], str | None]) -> None:
        self._find = find
        self._read = read
        self._texts: dict[str, ModuleText | None] = {}
        self._closures: dict[str, tuple[str, ...]] = {}
        self._modules: dict[str, dict[str, None]] = {}  # of the closures, what is the project's
        self._carried = Carried()
        self._running: dict[tuple[str, str], tuple[Active, ...]] = {}  # by what is imported, and that folder
        self._active: dict[tuple[str, str], Active | None] = {}  # by module, and the folder of the scripts

    def paths(self, name: str) -> tuple[str, ...]:
        """The files of all modules that an import of one runs."""
        return tuple(path for each in self.closure(name) if (path := self._find(each)) is not None)

    def active(self, name: str, beside: str) -> tuple[Active, ...]:
        """The modules that do more than bind names when one is imported, in the order in which they run.

        `beside`: the folder of the scripts; what lies below it is a helper of theirs.
        """
        known = self._running.get((name, beside))
        if known is not None:
            return known
        texts = {each: text for each in self.modules(name) if (text := self._texts[each]) is not None}
        self._carried.add(texts)
        for each, text in texts.items():
            if (each, beside) not in self._active:
                self._active[each, beside] = self._judged(each, text, beside)
        found = tuple(active for each in texts if (active := self._active[each, beside]) is not None)
        self._running[name, beside] = found
        return found

    def carried(self, name: str) -> frozenset[str] | None:
        """The names in a module by which code comes to a database; None where it was not looked through."""
        text = self._texts.get(name)
        return None if text is None or text.helper else self._carried.names.get(name, frozenset())

    def _judged(self, name: str, text: ModuleText, beside: str) -> Active | None:
        if text.helper or (beside and (self._find(name) or "").startswith(f"{beside}/")):
            return Active(name, None, helper=True)
        if text.lost:
            return Active(name, None, helper=False)
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
        return Active(name, numbers if text.plain else None, helper=False) if numbers else None

    def _is_shared(self, dotted: str) -> bool:
        if dotted.partition(".")[0] in _SHARED:
            return True
        return any(self._texts.get(each) is not None for each in (dotted, dotted.rpartition(".")[0]))

    def modules(self, name: str) -> Collection[str]:
        """The project's own among `closure`, in the same order."""
        found = self._modules.get(name)
        if found is None:
            closure = self.closure(name)
            found = self._modules[name] = dict.fromkeys(
                each for each in closure if self._texts[each] is not None
            )
        return found

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

    def _text(self, name: str) -> ModuleText | None:
        if name not in self._texts:
            path = self._find(name)
            source = None if path is None else self._read(path)
            self._texts[name] = (
                None
                if source is None or path is None
                else ModuleText(source, name, path.endswith("__init__.py"))
            )
        return self._texts[name]


class Carried:
    """The names in modules through which code reaches a database, directly or by other modules.

    What carries in a module hangs on that module and on what it imports, and on no other.
    """

    def __init__(self) -> None:
        self._texts: dict[str, ModuleText] = {}
        self._importers: dict[str, list[str]] = {}
        self.names: dict[str, frozenset[str]] = {}  # by module
        self.hooks: dict[
            str, frozenset[str]
        ] = {}  # of these, the classes that act when one derives from them

    def add(self, texts: Mapping[str, ModuleText]) -> None:
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

    def _grow(self, module: str, text: ModuleText) -> bool:
        """One step of the fixpoint: add what carries in a module; gives whether anything was new."""
        found = self._taken_over(text, self.names) | text.drives | (_ENGINES if text.holds else frozenset())
        found |= text.finds
        if found and not found <= text.taken:
            text.taken |= found
            found |= text.of_own
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

    def _taken_over(self, text: ModuleText, names: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """The names of a module that come from others, where they are among some."""
        found: set[str] = set()
        for bound, dotted in text.bound.items():
            module, _, name = dotted.rpartition(".")
            if name in names.get(module, ()):
                found.add(bound)
            elif names.get(dotted):  # a module: its names are mentioned with it
                found |= names[dotted]
                if text.by_name:
                    found.add(bound)
        for each in text.inner:
            if names.get(each):
                found |= names[each]
                if text.by_name:
                    found.add(each.partition(".")[0])
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
    """The closure of some names under binding by statements that mention one of them."""
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
