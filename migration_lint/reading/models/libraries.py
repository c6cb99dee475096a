"""What every name outside the script means: the dispatch over the models of the libraries."""

from __future__ import annotations

import ast

from migration_lint.operations import Dialect, Operation
from migration_lint.reading.models import alembic as alembic_library
from migration_lint.reading.models import alterations, database
from migration_lint.reading.models import python as python_library
from migration_lint.reading.models import sqlalchemy as sqlalchemy_library
from migration_lint.reading.models.alembic_api import is_directive
from migration_lint.reading.models.sqlalchemy_types import SqlType, is_type
from migration_lint.reading.models.trust import CHANGING, denied, trusted
from migration_lint.reading.project import environment
from migration_lint.reading.project.imports import Active
from migration_lint.reading.project.modules import Names, ProjectFiles
from migration_lint.reading.python.assignments import loosen, update
from migration_lint.reading.python.escapes import acts
from migration_lint.reading.python.inert import forget_refused
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import (
    ENTRIES_A_STEP,
    LEAST_STEPS,
    MODULE_STEPS,
    Arguments,
    Exhausted,
)
from migration_lint.reading.python.values import (
    MEMBER,
    NUMBERS,
    Autocommit,
    Batch,
    Bound,
    Choice,
    Class,
    ColumnModel,
    Connection,
    ConstraintModel,
    Data,
    DialectModel,
    Dict,
    Dotted,
    Element,
    Entity,
    FilePath,
    Function,
    Implementation,
    IndexModel,
    Instance,
    List,
    MetaDataModel,
    Method,
    MigrationContext,
    Module,
    OpenFile,
    Outside,
    SequenceModel,
    ServerDefault,
    SqlFunction,
    SqlText,
    Super,
    TableModel,
    Template,
    Unknown,
    Value,
    alternatives,
    join_all,
    lookup,
    reaches,
    whole,
)

#: Packages that lay SQLAlchemy's names open under their own.
_SQLALCHEMY = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy", "geoalchemy2", "pgvector", "sqlalchemy_utils",
               "fastapi_users_db_sqlalchemy", "advanced_alchemy", "sqlalchemy_jsonfield")  # fmt: skip

#: Libraries that scripts call and that do nothing to a database, even when given what they work on.
_HARMLESS = frozenset(
    "logging warnings json uuid datetime time math random re string enum typing decimal os sys hashlib "
    "secrets base64 collections dataclasses contextlib functools itertools operator pathlib textwrap copy "
    "abc tqdm pytz dateutil click rich loguru structlog numpy pandas yaml toml inspect io csv gc "
    "tempfile shutil traceback builtins typing_extensions zoneinfo importlib "
    "nest_asyncio packaging".split()
)


#: By these names whatever is called with a connection makes a session of it.
_SESSIONS = frozenset(
    ("Session", "sessionmaker", "scoped_session", "create_scoped_session", "create_session")
)

#: Methods by which Core makes a statement of a table, whatever passed the table on.
_CORE = frozenset(("insert", "update", "delete", "select"))

#: Methods of a statement that leave it to concern as many rows as before.
_NOT_NARROWING = frozenset(("values", "returning", "execution_options", "params", "prefix_with"))

#: With these words begin statements that change the schema.
_DDL = frozenset("ALTER CREATE DROP RENAME TRUNCATE COMMENT".split())

#: Libraries whose objects write a log: nothing that they are given is run.
_LOGS = frozenset(("logging", "structlog", "loguru", "warnings"))

#: What opens a connection of its own.
_ENGINES = frozenset(
    ("create_engine", "engine_from_config", "create_async_engine", "eval", "exec", "__import__")
)

#: What starts another program.
_PROGRAMS = frozenset(
    "subprocess.run subprocess.call subprocess.check_call subprocess.check_output subprocess.Popen "
    "subprocess.getoutput subprocess.getstatusoutput os.system os.popen os.execv os.execvp os.spawnv".split()
)


#: Libraries that work with SQLAlchemy, and are looked at when they are given something that reaches a
#: database.
_COMPANIONS = frozenset(
    "flask_appbuilder flask_migrate flask_security oslo_db postgresql_audit sqlalchemy_continuum snowflake "
    "sqlalchemy_enum34 "
    "sqlalchemy_i18n sqlalchemy_json sqlalchemy_searchable timescaledb clickhouse_sqlalchemy "
    "citext depot alembic_postgresql_enum peewee pandas asyncpg psycopg psycopg2 pymysql MySQLdb".split()
)

#: Functions of companions of SQLAlchemy that are given a connection, and what they do with it.
COMPANIONS = {
    "sqlalchemy_searchable.sync_trigger": "create trigger",
    "sqlalchemy_searchable.drop_trigger": "drop trigger",
}

#: Statements that companions of SQLAlchemy hold ready.
ELEMENTS = {"sqlalchemy_searchable.sql_expressions": "create function"}


#: Why a library is never trusted that runs code from elsewhere, wherever it is called.
_CODE = frozenset(("module", "text", "makes-code", "runs-text"))


class Libraries:
    """The names of Python, Alembic, SQLAlchemy and the project's own modules, for one dialect."""

    def __init__(self, dialect: Dialect, files: ProjectFiles) -> None:
        self.dialect: Dialect = dialect
        self.files = files
        self._operations: dict[str, tuple[Value, str]] = {}  # of the project's own: class and method
        self._foreign: dict[str, Dotted] = {}  # names that are not the project's, by themselves
        self._searched = False
        self._ran: dict[
            str, bool
        ] = {}  # the modules whose tops run, and whether they are helpers of migrations
        self._walking: list[Module] = []  # the modules whose tops are being walked
        self._homes: dict[int, tuple[MetaDataModel, Module]] = {}  # by id: what a module made, and which
        #: The functions that carry out the project's own operations, by class.
        self.implementations: list[tuple[Value, Value]] = []

    def outside(self, name: str) -> str | None:
        """See `running.Library`."""
        return self.files.outside.get(name)

    def builtin(self, name: str) -> Value | None:
        """See `running.Library`."""
        return python_library.builtin(name)

    # The project's own modules

    def find(self, run: Interpreter, path: str) -> Value:
        """See `running.Library`."""
        known = self._foreign.get(path)
        if known is not None:
            return known
        top = path.partition(".")[0]
        if top == "builtins" or not self.files.own(top):
            if path in ELEMENTS:
                return Element((Operation(kind="other_ddl", action=ELEMENTS[path]),))
            known = self._foreign[path] = Dotted(path)
            return known
        parts = path.split(".")
        for count in range(len(parts), 0, -1):
            dotted = ".".join(parts[:count])
            module = self._module(run, dotted)
            if dotted in self.files.broken:
                return Unknown(self.files.broken[dotted], reach=True)
            if module is not None:
                value: Value = self._rebound(run, dotted, module) if count == len(parts) else module
                for name in parts[count:]:
                    value = run.attribute(value, name)
                if isinstance(value, Dotted) and value.path != path:
                    return self.find(run, value.path)
                return value
        return Dotted(path)

    def imported(self, run: Interpreter, path: str) -> None:
        """See `running.Library`."""
        if path in self.files.covered or path.startswith("."):
            return
        self.files.covered.add(path)
        if not self.files.own(path.partition(".")[0]):
            return
        if self.files.find(path) is None:
            self._asked_of_module(run, path)
            return
        for each in self.files.active(path):
            if each.name not in self._ran:
                self._ran[each.name] = each.helper
                self._run_top(run, each)

    def _asked_of_module(self, run: Interpreter, path: str) -> None:
        """`from module import name`, where the module runs: its `__getattr__` answers for what it lacks."""
        dotted, _, name = path.rpartition(".")
        carried = self.files.carried(dotted) if dotted in self._ran else ()
        if carried is not None and "__getattr__" not in carried:
            return
        module = self._module(run, dotted)
        if module is not None and name not in module.frame.locals:
            answers = module.frame.locals.get("__getattr__")
            if isinstance(answers, Function) and acts(run, answers):
                run.attribute(module, name)

    def _run_top(self, run: Interpreter, active: Active) -> None:
        """Run what the import of a module does besides binding names."""
        module = self._module(run, active.name)
        source = None if module is None else self.files.source(module.path)
        if module is None and active.lines is None and active.name in self.files.broken:
            run.recorder.opaque(
                f"what the import of {active.name} does is not known: {self.files.broken[active.name]}"
            )
        if module is None or source is None or not isinstance(module.frame.locals, Names):
            return
        if active.lines is None:
            module.frame.locals.run(source.body)
            return
        lines = set(active.lines)
        module.frame.locals.run_some(
            [
                each
                for each in source.body
                if not lines.isdisjoint(range(_first(each), (each.end_lineno or each.lineno) + 1))
            ]
        )

    def _rebound(self, run: Interpreter, dotted: str, module: Module) -> Value:
        """What `from package import name` gives: what the package binds to the name hides its module."""
        package, _, name = dotted.rpartition(".")
        parent = self._module(run, package) if package else None
        if parent is None or not environment.binds(self.files, parent.path, name):
            return module
        value = parent.frame.locals.get(name, module)
        return module if isinstance(value, Unknown) or value == Dotted(dotted) else value

    def _module(self, run: Interpreter, dotted: str) -> Module | None:
        def walk(statements: list[ast.stmt], module: Module) -> None:
            self._walking.append(module)
            try:
                _walk(run, statements, module, self._ran.get(module.name.removesuffix(".__init__")))
            finally:
                self._walking.pop()

        self.files.walk = walk
        return self.files.load(dotted)

    def _declare(self, run: Interpreter, of: MetaDataModel) -> None:
        """Walk the whole module that made a MetaData: it most often declares the tables too."""
        home = self._homes.get(id(of))
        if home is not None and home[1] not in self._walking:
            names = home[1].frame.locals
            for name in environment.table_names(self.files, home[1].path):
                sqlalchemy_library.declared(run, of, names.get(name))

    # Calls

    def call(self, run: Interpreter, path: str, arguments: Arguments) -> Value:
        """See `running.Library`."""
        if path.partition(".")[0] in ("alembic", "alembic_utils", *_SQLALCHEMY) or is_type(path):
            arguments = _as_it_counts(arguments)
        if path.startswith("alembic."):
            return self._call_alembic(run, path, arguments)
        model = python_library.MODELS.get(path)
        if model is not None:
            return model(run, arguments)
        top, _, rest = path.partition(".")
        if path in ("builtins.open", "io.open", "codecs.open"):
            return python_library.open_file(run, self.files, arguments)
        if path in python_library.RESOURCES:
            return python_library.resource(run, self.files, python_library.RESOURCES[path], arguments)
        if top in _SQLALCHEMY or is_type(path):
            return self._call_sqlalchemy(run, path, arguments)
        if path.startswith("builtins.str.") and arguments.args and isinstance(arguments.args[0], str):
            text, *others = arguments.args
            return self.method(run, text, path[len("builtins.str.") :], arguments._replace(args=others))
        if path == "builtins.type" and len(arguments.args) == 3:
            name, bases, names = arguments.args
            if whole(name) and isinstance(bases, tuple) and isinstance(names, Dict):
                return Class(name, bases, dict(names), run.script.frame)
        if path == "builtins.type" and len(arguments.args) == 1 and isinstance(arguments.args[0], Instance):
            return arguments.args[0].of
        if top == "alembic_utils":
            return Entity(path.rpartition(".")[2], arguments.get(0, "schema"), arguments.get(1, "signature"))
        if path == "<made>.listen":
            return database.listened(run, self.dialect, arguments)
        if path in COMPANIONS:
            run.recorder.emit(Operation(kind="other_ddl", action=COMPANIONS[path]))
            return None
        if path in ("<made>.register", "<made>.implement"):
            return self._registered(path, arguments)
        if path in _PROGRAMS:
            run.recorder.unread(f"`{path}` starts a program, which may do anything")
            return Unknown(f"what `{path}` gives is not known")
        return self._stranger(run, path, arguments)

    def _call_alembic(self, run: Interpreter, path: str, a: Arguments) -> Value:
        parts = path.split(".")
        if parts[1] == "op" and len(parts) > 2:
            return self.directive(run, ".".join(parts[2:]), a, None)
        if path in ("alembic.operations.Operations", "alembic.operations.base.Operations"):
            return Dotted("alembic.op")
        if path == "alembic.operations.Operations.context":
            return Dotted("alembic.op")
        if parts[1] == "operations" and parts[-1].endswith("Op"):
            return alembic_library.operation_element(run, self.dialect, parts[-1], a)
        if parts[1] == "operations" and parts[-1].endswith("Ops"):
            return alembic_library.operation_element(run, self.dialect, parts[-1], a)
        if parts[-1] in ("register_operation", "implementation_for"):
            what = "register" if parts[-1] == "register_operation" else "implement"
            given = [a.get(0, "name"), a.get(1, "sourcename")] if what == "register" else [a.get(0, "op_cls")]
            return Bound(Dotted(f"<made>.{what}"), tuple(given))
        if parts[-1] in ("get_bind", "get_connection"):
            return Connection()
        if parts[-1] == "configure":
            alembic_library.configured(run, a)
        if parts[-1] in ("get_context", "configure") and parts[1] in ("context", "migration", "runtime"):
            return MigrationContext()
        if parts[1] == "context" or parts[1] in ("util", "config", "script"):
            if parts[-1] == "execute":
                database.execute(run, self.dialect, a.get(0, "sql"))
                return Data()
            return Unknown("how Alembic is called is not known before it runs")
        return self._stranger(run, path, a)

    def directive(self, run: Interpreter, name: str, a: Arguments, batch: Batch | None) -> Value:
        """`op.<name>(…)` or `batch_op.<name>(…)`."""
        if name == "get_bind":
            return Connection()
        if is_directive(name, batch is not None) or is_directive(name, False):
            return alembic_library.issue(run, self.dialect, name, a, batch)
        if name in ("__enter__", "context"):
            return batch if batch is not None else Dotted("alembic.op")
        if name in alembic_library.ENTITY_DIRECTIVES:
            alembic_library.entity(run, name, a)
            return None
        if name == "sync_enum_values":
            alembic_library.sync_enum(run, a)
            return None
        if name not in self._operations:
            self._find_registrations(run)
        if name in self._operations:
            of, method = self._operations[name]
            return run.call(run.attribute(of, method), a._replace(args=[Dotted("alembic.op"), *a.args]))
        run.recorder.opaque(f"`op.{name}` is no directive of Alembic's own")
        return Unknown(f"what `op.{name}` gives is not known")

    def _registered(self, path: str, a: Arguments) -> Value:
        """A class or function of the project is registered as an operation of its own."""
        if path == "<made>.register" and len(a.args) == 3 and whole(a.args[0]):
            name, source, of = a.args
            self._operations[name] = (of, source if whole(source) else name)
        elif path == "<made>.implement" and len(a.args) == 2:
            self.implementations.append((a.args[0], a.args[1]))
        return a.args[-1]

    def _find_registrations(self, run: Interpreter) -> None:
        """Walk the project's modules that register operations: env.py imports them, if not the script."""
        if not self._searched:
            self._searched = True
            for dotted in self.files.mentioning("register_operation"):
                module = self._module(run, dotted)
                if module is not None and isinstance(module.frame.locals, Names):
                    module.frame.locals.whole()

    def _call_sqlalchemy(self, run: Interpreter, path: str, a: Arguments) -> Value:
        name = path.rpartition(".")[2]
        if name in ("inspect", "has_table", "has_index"):
            return Data()
        if name in ("Inspector", "from_engine", "Query"):
            return Data()
        if path.startswith("sqlalchemy.event."):
            return database.listener(run, self.dialect, name, a)
        known = name in sqlalchemy_library.MODELS or is_type(path) or ".func." in path
        if not known and (any(map(reaches, a.values())) or name.startswith("drop_")):
            # Of SQLAlchemy itself nothing is left that takes a connection; its companions have such.
            return self._stranger(run, path, a)
        made = sqlalchemy_library.call(run, self.dialect, path, a)
        metadata = made.names.get("metadata") if isinstance(made, Class) else made
        if self._walking and isinstance(metadata, MetaDataModel):
            self._homes[id(metadata)] = (metadata, self._walking[-1])
        return made

    def unreadable(self, run: Interpreter, path: str) -> bool:
        """See `running.Library`."""
        if path.startswith("builtins."):
            return False
        if denied(path) is not None:
            return True
        top = path.partition(".")[0]
        known = path in python_library.MODELS or path in python_library.RESOURCES or path in COMPANIONS
        modelled = (
            known or path.startswith("<made>") or top in _SQLALCHEMY or top in _COMPANIONS or is_type(path)
        )
        return not modelled and top not in ("alembic", "alembic_utils") and trusted(path) is None

    def _stranger(self, run: Interpreter, path: str, a: Arguments) -> Value:
        """A library that cannot be read is called."""
        top = path.partition(".")[0]
        if self.unreadable(run, path):
            if _executes(run, a) and denied(path) is None:
                database.execute(run, self.dialect, a.args[0])
                return Data()
            if not run.recorder.application:  # whose frameworks keep what they are given for later
                for value in a.values():
                    database.call_back(run, value)
            why = denied(path)
            said = (
                "it can do anything" if why is not None else "its code cannot be read, so it may do anything"
            )
            if why in _CODE:
                run.recorder.opaque(f"`{path}` is called, and {said}")
            else:
                _unread(run, a, f"`{path}` is called, and {said}")
            return Data()
        if top in CHANGING:
            self._havoc(run, a)
        for value in a.values():
            database.call_back(run, value)
            run.spend(len(value) // ENTRIES_A_STEP if isinstance(value, (list, tuple, dict)) else 0)
        if _executes(run, a):
            database.execute(run, self.dialect, a.args[0])
            return Data()
        if top in _LOGS:
            return Dotted(f"{top}.made")
        handed = [value for value in a.values() if reaches(value)]
        if handed and run.called_as in _SESSIONS:
            return Connection(session=True)
        if handed and top not in _HARMLESS:
            _unread(run, a, f"`{path}` is given the connection or `op`, and its code cannot be read")
            # That much is said once; what comes back is followed as far as it is given SQL.
            return Data()
        return Unknown(
            f"what `{path}` gives is not known", reach=bool(handed) and path.startswith("builtins.")
        )

    def _havoc(self, run: Interpreter, a: Arguments) -> None:
        """Something that is not modelled may change the containers and objects that it is given."""
        unknown = Unknown("a library may have changed it", reach=any(map(reaches, a.values())))
        for value in a.values():
            for each in alternatives(value):
                each = each.names if isinstance(each, Instance) else each
                if isinstance(each, List):
                    with run.store.change(each):
                        loosen(each, (unknown, *a.values()))
                elif isinstance(each, Dict):
                    with run.store.change(each):
                        update(each, Dict(rest=join_all((unknown, *a.values()))))

    def harmless(self, path: str) -> bool:
        """See `running.Library`."""
        last = path.rpartition(".")[2]
        return not (path.startswith("alembic") or path in _PROGRAMS or last in _ENGINES or "connect" in last)

    # Attributes

    def attribute(self, run: Interpreter, of: Value, name: str) -> Value:
        """See `running.Library`."""
        if isinstance(of, Dotted):
            return self._of_dotted(run, of, name)
        if isinstance(of, (Unknown, Data)):
            if isinstance(of, Data):
                return Method(of, name)
            kind = Unknown if isinstance(of, Outside) else type(of)
            return kind(of.reason, reach=of.reach)
        if isinstance(of, Connection):
            return DialectName.of(self.dialect) if name == "name" else database.attribute(of, name)
        if isinstance(of, DialectModel):
            return DialectName.of(self.dialect) if name in ("name", "driver") else Method(of, name)
        if isinstance(of, MigrationContext):
            if name == "impl":
                return Implementation()
            if name == "version_table_schema":
                return environment.version_table_schema(self.files, run.script.path)
            return database.context_attribute(of, name)
        if isinstance(of, TableModel):
            return sqlalchemy_library.table_attribute(run, of, name)
        if isinstance(of, MetaDataModel):
            if name in ("tables", "sorted_tables"):
                self._declare(run, of)
                tables = sqlalchemy_library.tables_of(of)
                if name == "tables":
                    return tables
                return python_library.dict_method(run, tables, "values", Arguments([], {}))
            return Method(of, name)
        if isinstance(of, ColumnModel) and name in ("name", "key"):
            return of.column.name
        if isinstance(of, (ConstraintModel, IndexModel)) and name == "name":
            inner = of.constraint if isinstance(of, ConstraintModel) else of.index
            return inner.name
        if isinstance(of, SqlType) and name in ("name", "enums", "schema"):
            values = {"name": of.enum_name, "enums": List(of.enum_values), "schema": of.enum_schema}
            return values[name]
        if isinstance(of, SqlText) and name == "text":
            return of.text
        if isinstance(of, FilePath):
            return python_library.path_attribute(run, of, name)
        if isinstance(of, OpenFile) and name == "__iter__":
            return python_library.file_method(run, of, "__iter__")
        if isinstance(of, Class):
            return self._of_class(run, of, name)
        if isinstance(of, Module):
            return self._of_module(run, of, name)
        if isinstance(of, Instance):
            return self._of_instance(run, of, name)
        if isinstance(of, Function) and name in ("__name__", "__qualname__"):
            return of.name
        if isinstance(of, Bound) and name == "func":
            return of.function
        if of is None:
            return database.Failed("an attribute of None is taken")
        if isinstance(of, Method) and isinstance(of.of, Connection) and of.name in database.AGAIN:
            return self.attribute(
                run, of.of, name
            )  # `connection.connection`, a property on some, a call on others
        if isinstance(of, Method) and isinstance(of.of, (Data, TableModel)):
            return Method(Data(), name)  # a column, or what belongs to one: `table.c.name.label`
        return Method(of, name)

    def _of_dotted(self, run: Interpreter, of: Dotted, name: str) -> Value:
        path = of.path
        if name == "*":
            if path == "alembic.op":
                from migration_lint.reading.models.alembic_api import OPERATIONS

                return {each: Dotted(f"alembic.op.{each}") for each in OPERATIONS}
            found = self.find(run, path)
            if isinstance(found, Module):
                # Each is made when it is asked for: modules that take over each other's names need not
                # be made all at once, in an order that none of them can stand.
                names = found.frame.locals
                every = names.every() if isinstance(names, Names) else names
                return {each: Dotted(f"{path}.{each}") for each in every}
            top = path.partition(".")[0]
            if top in _SQLALCHEMY:
                return {each: Dotted(f"{path}.{each}") for each in _star_names()}
            return {}
        if name in ("__iter__", "[]"):
            reach = path.startswith("alembic") or path == "sys.modules"
            return Unknown(f"what `{path}` holds is not known", reach=reach)
        if path == "sqlalchemy" and name == "inspection":
            return Dotted("sqlalchemy.inspection")
        if name == "metadata" and path.partition(".")[0] in _SQLALCHEMY:
            return MetaDataModel(reflected=True)
        # flask_sqlalchemy's `db` lays SQLAlchemy's names open beside these three of its own.
        if path == "sqlalchemy" and name in ("session", "Model"):
            return Connection(session=True) if name == "session" else Dotted("sqlalchemy.Model")
        if path == "sqlalchemy.engine" and name in ("execute", "connect", "begin", "raw_connection"):
            return Method(Connection(), name)
        inside = f"{path}.{name}"
        return self._foreign.get(inside) or Dotted(inside)

    def _of_class(self, run: Interpreter, of: Class, name: str) -> Value:
        members = sqlalchemy_library.enum_members(run, of)
        if name == "__iter__":
            if members:
                return List(_member(of, n, v) for n, v in members.items())
            return Unknown(f"what `{of.name}` holds is not known")
        if members:
            if name in members:
                return _member(of, name, members[name])
            if name == "__members__":
                return Dict({n: _member(of, n, v) for n, v in members.items()})
        if name in ("__table__", "metadata", "registry"):
            table = sqlalchemy_library.mapped_table(run, of)
            if name == "__table__" and table is not None:
                return table
            if name == "metadata":
                inherited = lookup(of, "metadata", run.resolve)
                if inherited is None:
                    # `class Base(DeclarativeBase)`: one for it and all that derive from it.
                    inherited = _root(run, of).names["metadata"] = MetaDataModel(reflected=True)
                    self._homes[id(inherited)] = (inherited, _root(run, of).frame.module)
                return inherited
        if name == "__name__":
            return of.name
        inherited = lookup(of, name, run.resolve)
        if inherited is not None:
            return inherited
        if lookup(of, "__tablename__", run.resolve) is not None:
            return Method(Data(), name)
        unread = self._unread_base(run, of)
        return Unknown(f"`{of.name}.{name}` is not known") if unread is None else Dotted(f"{unread}.{name}")

    def _of_module(self, run: Interpreter, of: Module, name: str) -> Value:
        inner = self._module(run, f"{of.name.removesuffix('.__init__')}.{name}")
        if inner is not None:
            return inner
        if not name.startswith("__"):
            made = of.frame.locals.get("__getattr__")
            if isinstance(made, Function):
                return run.call(made, Arguments([name], {}))
        origin = environment.star_import(self.files, of.path)
        if origin is not None:
            return Dotted(f"{origin}.{name}")
        # An import of it fails, so that nothing after it runs.
        certain = environment.certainly_lacks(self.files, of.path, name)
        return Unknown(f"`{of.name}` has no `{name}`", reach=not certain)

    def _of_instance(self, run: Interpreter, of: Instance, name: str) -> Value:
        members = sqlalchemy_library.enum_members(run, of.of)
        if members and name in ("value", "name"):
            return of.names.get(name)
        other = lookup(of.of, "__getattr__", run.resolve)
        if isinstance(other, Function) and not name.startswith("__"):
            return run.call(Bound(other, (of,)), Arguments([name], {}))
        base = next(
            (run.resolve(b) for b in of.of.bases if isinstance(run.resolve(b), (Dotted, Unknown))), None
        )
        if isinstance(base, Dotted) and base.path.startswith("alembic.operations"):
            return Method(of, name)
        if (
            isinstance(base, Dotted)
            and base.path.partition(".")[0] in _SQLALCHEMY
            and (base.path.rpartition(".")[2] == "Session")
        ):
            return self.attribute(run, Connection(session=True), name)
        unread = self._unread_base(run, of)
        if unread is not None:
            return Dotted(f"{unread}.{name}")
        return Unknown(f"`{of.of.name}` has no `{name}` that could be read", reach=reaches(of))

    def alter(self, run: Interpreter, of: Value, name: str, value: Value, weak: bool) -> None:
        """See `running.Library`."""
        alterations.alter(run, of, name, value, weak)

    def entry(self, run: Interpreter, of: Dotted, key: Value) -> Value:
        """See `running.Library`."""
        if of.path == "os.environ":
            return python_library.environment_variable(run, key)
        return of if of.path.startswith("typing") else self.attribute(run, of, "[]")

    # Methods and objects

    def method(self, run: Interpreter, of: Value, name: str, a: Arguments) -> Value:
        """See `running.Library`."""
        if isinstance(of, str):
            return python_library.text_method(run, of, name, a)
        if isinstance(of, List):
            return python_library.list_method(run, of, name, a)
        if isinstance(of, Dict):
            return python_library.dict_method(run, of, name, a)
        if not isinstance(of, (FilePath, OpenFile)):
            a = _as_it_counts(a)
        if isinstance(of, Batch):
            return self.directive(run, name, a, of) if not name.startswith("__") else of
        if isinstance(of, Connection):
            return database.method(run, self.dialect, of, name, a)
        if isinstance(of, MigrationContext):
            return self._context_method(run, of, name, a)
        if isinstance(of, Implementation):
            alembic_library.implementation(run, self.dialect, name, a)
            return Data()
        if isinstance(of, Template):
            return python_library.substitute(run, of.text, a)
        if isinstance(of, DialectModel):
            if name == "type_descriptor" and a.args:
                return a.args[0]
            if name.startswith("do_"):
                database.execute(run, self.dialect, a.get(1, "statement"))
            return Data()
        if isinstance(of, TableModel):
            return sqlalchemy_library.table_method(run, self.dialect, of, name, a)
        if isinstance(of, MetaDataModel):
            if name in ("create_all", "drop_all"):
                self._declare(run, of)
            return sqlalchemy_library.metadata_method(run, self.dialect, of, name, a)
        if isinstance(of, SqlType):
            return sqlalchemy_library.type_method(run, self.dialect, of, name, a)
        if isinstance(of, FilePath):
            return python_library.path_method(run, self.files, of, name, a)
        if isinstance(of, OpenFile):
            return python_library.file_method(run, of, name)
        if isinstance(of, (SqlText, SqlFunction)):
            return of  # bindparams, columns, execution_options: the text stays what it is
        if isinstance(of, Data):
            return self._data_method(run, of, name, a)
        if (
            isinstance(of, (IndexModel, ConstraintModel))
            and name in ("create", "drop")
            and isinstance(of, IndexModel)
        ):
            kind = "CreateIndex" if name == "create" else "DropIndex"
            operations = sqlalchemy_library.element_operations(run, self.dialect, kind, of, Arguments([], {}))
            for operation in operations or ():
                run.recorder.emit(operation)
            return None
        if isinstance(of, SequenceModel) and name in ("create", "drop"):
            for operation in (
                sqlalchemy_library.element_operations(
                    run, self.dialect, f"{name.title()}Sequence", of, Arguments([], {})
                )
                or ()
            ):
                run.recorder.emit(operation)
            return None
        if isinstance(of, (ColumnModel, ServerDefault)):
            return Data()
        if isinstance(of, (int, float)):
            return Unknown("a number's method is not followed")
        if isinstance(of, tuple):
            return python_library.list_method(run, List(of), name, a)
        if isinstance(of, Element) and name == "execute_if":
            return of
        base = self._unread_base(run, of)
        if base is not None:
            return self._stranger(run, f"{base}.{name}", a)
        return self.call_object(run, Unknown("it could not be worked out", reach=reaches(of)), a)

    def _unread_base(self, run: Interpreter, of: Value, depth: int = 12) -> str | None:
        """The class whose code cannot be read from which an object's or class's own code derives."""
        made = of.of if isinstance(of, Instance) else of.after if isinstance(of, Super) else of
        for base in made.bases if isinstance(made, Class) and depth else ():
            above = run.resolve(base)
            if isinstance(above, Dotted) and self.unreadable(run, above.path):
                return above.path
            found = self._unread_base(run, above, depth - 1) if isinstance(above, Class) else None
            if found is not None:
                return found
        return None

    def _context_method(self, run: Interpreter, of: MigrationContext, name: str, a: Arguments) -> Value:
        if alembic_library.context_manager(name):
            return alembic_library.autocommit()
        if name in ("execute", "_exec"):
            database.execute(run, self.dialect, a.get(0, "sql", a.kwargs.get("construct")))
            return Data()
        return Unknown("how Alembic is called is not known before it runs")

    def _data_method(self, run: Interpreter, of: Data, name: str, a: Arguments) -> Value:
        for value in a.values():
            database.call_back(run, value)
            if isinstance(value, Connection) and name in (
                "drop",
                "create",
                "drop_all",
                "create_all",
                "execute",
            ):
                _unread(
                    run, a, f"`.{name}(…)` of something that could not be worked out is given the connection"
                )
        if name in ("get_bind", "connection"):
            return Connection()
        if name in database.EXECUTE and a.args and isinstance(a.args[0], (str, SqlText, Element)):
            database.execute(run, self.dialect, a.args[0])
        more = sqlalchemy_library.statement(run, self.dialect, a.values()).tables
        made = replace_tables(of, more)
        if name in _CORE:
            return sqlalchemy_library.as_statement(name, made.tables, every_row=False)
        return made if name in _NOT_NARROWING else replace_tables(made, (), narrowed=True)

    def call_object(self, run: Interpreter, of: Value, a: Arguments) -> Value:
        """See `running.Library`."""
        if isinstance(of, Unknown):
            if run.called_as in _SESSIONS and any(map(reaches, a.values())):
                return Connection(session=True)
            for value in a.values():
                database.call_back(run, value)
            if not of.reach and _executes(run, a):
                database.execute(run, self.dialect, a.args[0])
                return Data()
            makes = run.called_as in _CORE and not isinstance(of, database.Failed)
            if makes and not of.reach and not any(map(reaches, a.values())):
                return sqlalchemy_library.as_statement(run.called_as, (), every_row=False)
            if of.reach or any(map(reaches, a.values())):
                _unread(
                    run,
                    a,
                    f"something is called that could not be worked out ({of.reason}), "
                    "and it can reach the database",
                )
                return Data()
            return (Unknown if isinstance(of, Outside) else type(of))(of.reason)
        if isinstance(of, Connection):
            return of  # sessionmaker()(), engine()
        if isinstance(of, (Data, TableModel, ColumnModel, SqlText, SqlFunction)):
            return Data()
        if isinstance(of, Autocommit):
            return of
        if isinstance(of, SqlType):
            return of
        if any(reaches(value) for value in a.values()):
            _unread(
                run, a, "something is called that could not be worked out, and it is given the connection"
            )
        return Unknown("what is called could not be worked out")

    def implementation(self, run: Interpreter, operation: Value) -> Value | None:
        """See `running.Library`."""
        if isinstance(operation, Instance):
            for of, function in reversed(self.implementations):
                if run.resolve(of) is operation.of:
                    return function
        return None

    def carried(self, of: Module) -> frozenset[str] | None:
        """See `running.Library`."""
        return self.files.carried(of.name.removesuffix(".__init__"))

    def call_back(self, run: Interpreter, function: Value) -> None:
        """See `running.Library`."""
        database.call_back(run, function)

    def member(self, run: Interpreter, of: Class, name: str) -> Value | None:
        """See `running.Library`."""
        found = lookup(of, name, run.resolve)
        if isinstance(found, Function) and found.kind == "declared":
            return run.call(found, Arguments([of], {}))
        if not of.bases or name.startswith("_") or name not in of.names:
            return None
        members = sqlalchemy_library.enum_members(run, of)
        return _member(of, name, members[name]) if name in members else None

    def make(self, run: Interpreter, of: Class, arguments: Arguments) -> Value | None:
        """See `running.Library`."""
        made = sqlalchemy_library.make_of_class(run, self.dialect, of, arguments)
        if made is not None:
            return made
        members = sqlalchemy_library.enum_members(run, of)
        if members and len(arguments.args) == 1:
            for name, value in members.items():
                if run.equal(value, arguments.args[0]) is True:
                    return _member(of, name, value)
            return Unknown(f"which member of `{of.name}` it is, is not known")
        return None


def _unread(run: Interpreter, a: Arguments, reason: str) -> None:
    """Code that cannot be read is called with some arguments."""
    handed = any(reaches(value, unknown=False) for value in a.values())
    (run.recorder.opaque if handed else run.recorder.unread)(reason)


def _first(statement: ast.stmt) -> int:
    """The line where a statement begins, its decorators among it."""
    return min((each.lineno for each in getattr(statement, "decorator_list", ())), default=statement.lineno)


def _walk(run: Interpreter, statements: list[ast.stmt], module: Module, helper: bool | None) -> None:
    """Walk statements at the top of a module, whatever the script is in the middle of.

    `helper`: what it does to a database is done, and it is a helper of migrations, or one of an application's
    modules; None: the names of it are wanted, nothing else.
    """
    recorder, store = run.recorder, run.store
    kept = recorder.conditions, recorder.place, run.stack
    arms = store.logs, store.watches
    recorder.conditions, run.stack = [], []
    store.logs, store.watches = [], []  # an import is no part of the arm in which it happens
    NUMBERS.importing += 1
    calm, recorder.calm = recorder.calm, recorder.calm + 1 if helper is None else 0
    application, recorder.application = recorder.application, helper is False
    floor, steps = run.floor, run.steps
    run.floor = max(floor, run.steps - (MODULE_STEPS if helper is not False else _share(run)))
    run.stock = max(run.stock, run.floor)
    module.frame.locals.setdefault("__name__", module.name.removesuffix(".__init__"))
    module.frame.locals.setdefault("__file__", FilePath(module.path))
    try:
        run.block(statements, module.frame)
    except Exhausted:
        # Whatever it was to bind is not known then.
        if helper:
            recorder.opaque(f"the import of {module.path} takes too many steps")
    finally:
        run.floor = floor
        recorder.calm, recorder.application = calm, application
        if helper is False:  # which the script is not to pay for
            run.application -= steps - run.steps
            run.steps = steps
        if not recorder.calm and run.refused:
            forget_refused(run)
        recorder.conditions, recorder.place, run.stack = kept
        store.logs, store.watches = arms
        NUMBERS.importing -= 1


def _share(run: Interpreter) -> int:
    """How many steps a statement of an application may take: a definition is always made."""
    return max(run.application // 2, LEAST_STEPS)


def _root(run: Interpreter, of: Class, depth: int = 12) -> Class:
    """The project's class that a class derives from in the end, by its first bases."""
    above = run.resolve(of.bases[0]) if of.bases else None
    return _root(run, above, depth - 1) if isinstance(above, Class) and depth else of


def _executes(run: Interpreter, a: Arguments) -> bool:
    """Whether SQL is given to something that executes it, whatever that is: an engine of a library, say."""
    if run.called_as not in database.EXECUTE or not a.args:
        return False
    given = a.args[0]
    return isinstance(given, (SqlText, Element)) or (
        isinstance(given, str) and given.lstrip().partition(" ")[0].upper() in _DDL
    )


def _member(of: Class, name: str, value: Value) -> Instance:
    """A member of an enumeration."""
    names = Dict({"name": name, "value": value})
    names.site = MEMBER
    return Instance(of, names)


class DialectName:
    """What the name of the configured dialect is to a script."""

    @staticmethod
    def of(dialect: Dialect) -> Value:
        """MariaDB answers to `mysql` where it is reached under a `mysql://` address, as it mostly is."""
        return Choice(("mysql", "mariadb")) if dialect == "mariadb" else dialect


def replace_tables(of: Data, more: tuple[str, ...], *, narrowed: bool = False) -> Data:
    """The same statement, over further tables."""
    tables = tuple(dict.fromkeys((*of.tables, *more)))
    return Data(tables, of.statement, of.action, of.every_row and not narrowed)


def _as_it_counts(a: Arguments) -> Arguments:
    """Arguments of something that makes SQL of them: what comes from outside counts by its default."""
    if not any(isinstance(each, (Outside, Choice)) for each in a.values()):
        return a
    return a._replace(
        args=[_counted(each) for each in a.args],
        kwargs={name: _counted(each) for name, each in a.kwargs.items()},
    )


def _counted(value: Value) -> Value:
    if isinstance(value, Choice) and any(isinstance(each, Outside) for each in value.values):
        return Choice(tuple(_counted(each) for each in value.values))
    return value.text if isinstance(value, Outside) else value


def _star_names() -> tuple[str, ...]:
    from migration_lint.reading.models.sqlalchemy_types import _CLASSES

    return (*sqlalchemy_library.MODELS, *(name for name in _CLASSES if "." not in name), "func", "orm", "exc")
