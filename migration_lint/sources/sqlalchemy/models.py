"""The models of a project: every mapped class and every table of Core, found and read once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migration_lint.sources.files import is_own
from migration_lint.sources.languages import LARGEST
from migration_lint.sources.sqlalchemy.declarative import Flavour, Reader, flavour, loaded
from migration_lint.sources.sqlalchemy.frames import Event, mark
from migration_lint.sources.sqlalchemy.keys import resolve_keys
from migration_lint.sources.sqlalchemy.machine import Machine, class_frame
from migration_lint.sources.sqlalchemy.mapping import (
    ColumnAttribute,
    Mapped,
    ModelColumn,
    ModelTable,
    RelationAttribute,
)
from migration_lint.sources.sqlalchemy.naming import library_name, made_name, method_name, spelled
from migration_lint.sources.sqlalchemy.project import Project
from migration_lint.sources.sqlalchemy.relations import add_backrefs, uses_list
from migration_lint.sources.sqlalchemy.tables import add_argument, core_table, metadata_schema
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    Function,
    Known,
    Made,
    Pairs,
    Part,
    Term,
    options,
    text_of,
)

#: What a file has in it that declares models, or uses the library.
_LIBRARY = re.compile(rb"\b(?:sqlalchemy|sqlmodel|flask_sqlalchemy|flask_sqlalchemy_lite|advanced_alchemy)\b")
_DECLARES = re.compile(
    rb"\b(?:__tablename__|__table__|__mapper_args__|mapped_column|mapped_as_dataclass|map_imperatively|mapper"
    rb"|(?:Column|Table|relationship)\s*\(|table\s*=\s*True|Model\b|Base\b)"
)
_IMPERATIVE = re.compile(rb"\b(?:map_imperatively|mapper)\s*\(")
_REFLECTS = re.compile(rb"\b(?:automap_base|autoload_with|reflect)\s*[(=]")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_MIGRATIONS = re.compile(rb"^down_revision\b|^revision\s*[:=]", re.MULTILINE)


class Models:
    """The models of one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.machine = Machine(project)
        self.machine.keeps = self._keeps
        self.unnamed: list[tuple[Class, str]] = []
        self._flavours: dict[Class, Flavour] = {}
        self._mapped: dict[Class, Mapped | None] = {}
        self._tables: dict[tuple[object, ...], ModelTable | None] = {}
        self._by_name: dict[str, Class] = {}
        self._named_tables: list[tuple[str, ModelTable]] = []
        self._scanned = False
        self._files: tuple[str, ...] | None = None
        self._library: dict[str, bool] = {}
        self._python: tuple[str, ...] | None = None
        self._words: dict[str, frozenset[bytes]] = {}

    # -- the whole project

    def all_mapped(self) -> list[Mapped]:
        """Every mapped class, in order of path and line."""
        self._scan()
        found = [each for each in self._mapped.values() if each is not None]
        return sorted(found, key=lambda each: (each.of.path, each.of.node.lineno))

    def all_tables(self) -> list[ModelTable]:
        """Every table that models or Core declare, once."""
        self._scan()
        tables = [mapped.table for mapped in self.all_mapped()]
        tables += [each for each in self._tables.values() if each is not None]
        return sorted(dict.fromkeys(tables), key=lambda each: (each.place.path, each.place.line))

    def named_tables(self) -> list[tuple[str, ModelTable]]:
        """The tables of Core by the names at the top of a module that hold them."""
        self._scan()
        return list(self._named_tables)

    def reflects(self) -> bool:
        """Whether any file takes its tables from the database when it runs."""
        return any(_REFLECTS.search(self._data(path)) for path in self._python_files())

    def files(self) -> tuple[str, ...]:
        """The files in which statements may be: those that use the library, a model or a table."""
        if self._files is None:
            self._scan()
            names = {name.encode() for name in self.names()}
            self._files = tuple(
                path
                for path in self._python_files()
                if self._uses_library(path) or not names.isdisjoint(self.words_of(path))
            )
        return self._files

    def _scan(self) -> None:
        if self._scanned:
            return
        self._scanned = True
        done: set[str] = set()
        files = list(self._python_files())
        names: set[bytes] = set()
        while True:
            fresh = [
                path
                for path in files
                if path not in done
                and (
                    (self._uses_library(path) and _DECLARES.search(self._data(path)))
                    or not names.isdisjoint(self.words_of(path))
                )
            ]
            if not fresh:
                break
            for path in fresh:
                done.add(path)
                self._read_file(path)
            names = {name.encode() for name in self.names()}
        add_backrefs(self)
        resolve_keys(self)

    def names(self) -> set[str]:
        """The words by which code may mean a model or a table."""
        self._scan()
        return {*self._by_name, *(name for name, _ in self._named_tables)}

    def _read_file(self, path: str) -> None:
        module = self.project.module(path)
        if module is None:
            return
        self.machine.begin()
        for name, statement in module.bindings.items():
            if isinstance(statement, ast.ClassDef):
                self._register(self.machine.class_at(path, statement))
                self._tables_in(self.machine.class_at(path, statement))
            elif isinstance(statement, (ast.Assign, ast.AnnAssign)) and _calls(statement.value):
                for each in options(self.machine.named(path, name) or Known(None)):
                    table = self.table(each)
                    if table is not None:
                        self._named_tables.append((name, table))
        for statement in module.tree.body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                self._loose_index(self.machine.evaluate(statement.value, self.machine.module_frame(path)))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and node not in module.bindings.values():
                self._register(self.machine.class_at(path, node, "<local>"))
        if _IMPERATIVE.search(self._data(path)):
            self._imperative(path)

    def _tables_in(self, of: Class) -> None:
        """The tables that a class which is no model has for attributes, whatever function makes them."""
        if self._flavour(of):
            return
        scope = class_frame(self.machine, of, {})
        for name, statement in self.machine.classes.members(of).items():
            if isinstance(statement, ast.Assign) and _calls(statement.value):
                for each in options(self.machine.bound(statement, name, scope)):
                    table = self.table(each)
                    if table is not None:
                        self._named_tables.append((name, table))

    def _register(self, of: Class) -> None:
        kind = self._flavour(of)
        if kind and (kind != "foreign" or _states_table(of)):
            self.mapped(of)
        if kind:
            self._by_name.setdefault(of.node.name, of)

    def _loose_index(self, term: Term) -> None:
        """`Index("by_name", Account.name)` below the class."""
        if not isinstance(term, Made) or made_name(term) != "Index":
            return
        for each in term.args[1:]:
            mapped = self.mapped(each.of) if isinstance(each, Part) and isinstance(each.of, Class) else None
            pair = self.core_column(each)
            table = mapped.table if mapped is not None else pair[0] if pair is not None else None
            if table is not None:
                add_argument(table, term)
                return

    def _imperative(self, path: str) -> None:
        """`registry.map_imperatively(Account, accounts)`, at the top level or in a function."""
        calls: list[Made] = []

        def listen(event: Event) -> None:
            if isinstance(event.term, Made) and (
                method_name(event.term) == "map_imperatively" or made_name(event.term) == "mapper"
            ):
                calls.append(event.term)

        before, self.machine.listener = self.machine.listener, listen
        try:
            self.machine.top(path)
            module = self.project.module(path)
            for statement in module.tree.body if module is not None else ():
                if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    self.machine.whole(Function(path, statement.name, statement), statement.name)
        finally:
            self.machine.listener = before
        for made in calls:
            self._map_imperatively(made)

    def _map_imperatively(self, made: Made) -> None:
        of, given = made.argument(0, "class_"), made.argument(1, "local_table")
        table = self.table(given) if given is not None else None
        if not isinstance(of, Class) or table is None:
            return
        mapped = Mapped(of, (table,), {})
        properties = made.keyword("properties")
        named: set[str] = set()
        for key, value in properties.pairs if isinstance(properties, Pairs) else ():
            name = text_of(key) if key is not None else None
            if name is None:
                continue
            column = self.core_column(value)
            if column is not None and column[0] is table:
                mapped.attributes[name] = ColumnAttribute((column,))
                named.add(column[1].name)
            elif made_name(value) in ("relationship", "relation") and isinstance(value, Made):
                target = value.argument(0, "argument")
                mapped.attributes[name] = RelationAttribute(target, uses_list(value), loaded(value), value)
        for each in table.columns.values():
            if each.name not in named:
                mapped.attributes.setdefault(each.key, ColumnAttribute(((table, each),)))
        self._flavours[of] = "declarative"
        self._mapped[of] = mapped
        self._by_name.setdefault(of.node.name, of)

    def core_column(self, term: Term) -> tuple[ModelTable, ModelColumn] | None:
        """`accounts.c.name` as a column of its table."""
        if isinstance(term, Part) and isinstance(term.of, Part) and term.of.name in ("c", "columns"):
            table = self.table(term.of.of)
            column = table.by_key(term.name) if table is not None else None
            return (table, column) if table is not None and column is not None else None
        return None

    # -- classes

    def mapped(self, of: Class) -> Mapped | None:
        """What a class maps; None for one that is not mapped."""
        if of in self._mapped:
            return self._mapped[of]
        self._mapped[of] = None
        kind = self._flavour(of)
        if not kind or (kind == "foreign" and not _states_table(of)) or _is_abstract(of) or self.is_base(of):
            return None
        reader = Reader(self, of, kind)
        found = reader.read(self.own_mapped_parent(of))
        if found is not None and kind == "automap":
            found.table.unresolved.append("automap adds the columns that the database has when it runs")
        if found is not None and any(
            library_name(each) == "DeferredReflection" for each in self.machine.classes.ancestors(of)
        ):
            found.table.unresolved.append("its columns are taken from the database when it runs (reflection)")
        self._mapped[of] = found
        return found

    def is_base(self, of: Class) -> bool:
        """Whether a class is the base that others are mapped by."""
        made = {library_name(each) for each in self.machine.classes.bases(of)}
        decorators = {mark(each) for each in of.node.decorator_list}
        return bool(made & {"DeclarativeBase", "DeclarativeBaseNoMeta"}) or "as_declarative" in decorators

    def own_mapped_parent(self, of: Class) -> Mapped | None:
        """The nearest mapped class that a class inherits from."""
        for each in self.machine.classes.project_ancestors(of):
            if each is not of:
                found = self.mapped(each)
                if found is not None:
                    return found
        return None

    def classes_in(self, path: str) -> Iterator[Class]:
        """The classes with bases at the top of a file."""
        module = self.project.module(path)
        for statement in module.bindings.values() if module is not None else ():
            if isinstance(statement, ast.ClassDef) and statement.bases:
                yield self.machine.class_at(path, statement)

    def class_named(self, name: str) -> Class | None:
        """A mapped class by the name that a relationship gives it: `Account`, `app.models.Account`."""
        self._scan()
        return self._by_name.get(name.rpartition(".")[2])

    def target(self, relation: RelationAttribute) -> Mapped | None:
        """The mapped class that a relationship leads to."""
        for term in options(relation.target) if relation.target is not None else ():
            text = text_of(term)
            if text is not None:
                term = self.class_named(text) or term
            elif isinstance(term, Function):
                term = self.machine.run(term, self.machine.enter(term, (), (), 1))
            if isinstance(term, Class):
                return self.mapped(term)
        return None

    def _flavour(self, of: Class) -> Flavour:
        if of not in self._flavours:
            self._flavours[of] = ""
            self._flavours[of] = flavour(self, of)
        return self._flavours[of]

    def _keeps(self, of: Class) -> bool:
        kind = self._flavour(of)
        return kind not in ("", "foreign") or (kind == "foreign" and _states_table(of))

    def is_flask(self, term: Term) -> bool:
        """Whether a term is the `db` of Flask-SQLAlchemy."""
        for each in options(term):
            callee = each.callee if isinstance(each, Made) else None
            if library_name(callee) in ("SQLAlchemy",):
                return True
            if isinstance(callee, Class) and any(
                library_name(one) == "SQLAlchemy" for one in self.machine.classes.ancestors(callee)
            ):
                return True
        return False

    def registry_types(self, of: Class) -> dict[str, Term]:
        """The type_annotation_map that holds for a class, by the spelling of its keys."""
        for each in self._class_values(of, "type_annotation_map", ("type_annotation_map",)):
            if isinstance(each, Pairs):
                return {spelled(key): value for key, value in each.pairs if key is not None}
        return {}

    def metadata_of(self, of: Class) -> Term | None:
        """The MetaData that a class's table is in."""
        return next(self._class_values(of, "metadata", ("metadata",)), None)

    def _class_values(self, of: Class, name: str, keywords: tuple[str, ...]) -> Iterator[Term]:
        """What a declarative base says under a name, in its body or in the call that makes it."""
        for base in self.machine.classes.ancestors(of):
            if isinstance(base, Class):
                statement = self.machine.classes.members(base).get(name)
                if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
                    yield self.machine.evaluate(statement.value, self.machine.module_frame(base.path))
                registry = self.machine.classes.members(base).get("registry")
                if isinstance(registry, (ast.Assign, ast.AnnAssign)) and registry.value is not None:
                    term = self.machine.evaluate(registry.value, self.machine.module_frame(base.path))
                    yield from _keyword_values(term, keywords)
                for decorator in base.node.decorator_list:
                    yield from _keyword_values(
                        self.machine.evaluate(decorator, self.machine.module_frame(base.path)), keywords
                    )
            elif isinstance(base, Made):
                yield from _keyword_values(base, keywords)
            elif isinstance(base, Part):  # db.Model
                yield from _keyword_values(base.of, keywords)

    # -- tables

    def table(self, term: Term | None) -> ModelTable | None:
        """The table that a term is: `Table(…)`, `Account.__table__`."""
        if term is None:
            return None
        if isinstance(term, Part) and term.name == "__table__":
            for each in options(term.of):
                found = self.mapped(each) if isinstance(each, Class) else None
                if found is not None:
                    return found.table
        if not isinstance(term, Made) or not self._is_table(term):
            return None
        # a function that makes tables makes another one by each name
        key = (*term.place.key, text_of(term.argument(0, "name")), text_of(term.keyword("schema")))
        if key not in self._tables:
            self._tables[key] = core_table(
                term, metadata_schema(self._metadata(term.argument(1, "metadata")))
            )
        return self._tables[key]

    def _metadata(self, term: Term | None) -> Term | None:
        """A MetaData, where it is that of a declarative base, too."""
        if isinstance(term, Part) and term.name == "metadata":
            return (
                self.metadata_of(term.of)
                if isinstance(term.of, Class)
                else next(_keyword_values(term.of, ("metadata",)), None)
            )
        return term

    def _is_table(self, term: Made) -> bool:
        if made_name(term) == "Table":
            return True
        return isinstance(term.callee, Part) and term.callee.name == "Table" and self.is_flask(term.callee.of)

    # -- files

    def _python_files(self) -> tuple[str, ...]:
        if self._python is None:
            self._python = tuple(
                path
                for path in sorted(self.project.codebase.files())
                if path.endswith(".py") and is_own(path) and not _MIGRATIONS.search(self._data(path))
            )
        return self._python

    def _data(self, path: str) -> bytes:
        data = self.project.codebase.read(path)
        return data if len(data) <= LARGEST else b""

    def _uses_library(self, path: str) -> bool:
        if path not in self._library:
            self._library[path] = _LIBRARY.search(self._data(path)) is not None
        return self._library[path]

    def words_of(self, path: str) -> frozenset[bytes]:
        """Every word of a file, whatever it stands for."""
        if path not in self._words:
            self._words[path] = frozenset(_WORD.findall(self._data(path)))
        return self._words[path]


def _keyword_values(term: Term, names: tuple[str, ...]) -> Iterator[Term]:
    """The values of some keywords of a call, of a registry that is handed to it, too."""
    for each in options(term):
        if isinstance(each, Made):
            for name in names:
                value = each.keyword(name)
                if value is not None:
                    yield value
            inside = [each.callee.of] if isinstance(each.callee, Part) else []
            for one in (*inside, *each.args, *(value for _, value in each.keywords)):
                if made_name(one) == "registry":
                    yield from _keyword_values(one, names)
        elif isinstance(each, Part) and made_name(each.of) == "registry":
            yield from _keyword_values(each.of, names)


def _calls(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call)


def _states_table(of: Class) -> bool:
    return any(
        isinstance(statement, (ast.Assign, ast.AnnAssign))
        and any(
            isinstance(target, ast.Name) and target.id in ("__tablename__", "__table__")
            for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        )
        for statement in of.node.body
    )


def _is_abstract(of: Class) -> bool:
    return any(
        isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "__abstract__" for target in statement.targets)
        and isinstance(statement.value, ast.Constant)
        and statement.value.value is True
        for statement in of.node.body
    )
