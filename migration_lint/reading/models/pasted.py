"""Arguments whose text goes into a statement as it is, and whether it is what belongs in its place.

SQLAlchemy and Alembic quote names and literals; everything else that a script hands them they paste into the
statement. Each parameter of theirs has its form here. One that is in no table may be pasted, too, and is
judged as options are: nothing in it ends the statement or closes what was opened before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal

from migration_lint.operations import ANY_TABLE, DIALECTS, HOLE, Dialect, Operation
from migration_lint.reading.models.sqlalchemy_types import SqlType
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.values import (
    Choice,
    ColumnModel,
    Dict,
    Dotted,
    List,
    ModelRecord,
    ServerDefault,
    SqlFunction,
    SqlText,
    TableModel,
    Unknown,
    Value,
    alternatives,
)
from migration_lint.reading.sql import fragments
from migration_lint.reading.sql.cursor import named
from migration_lint.reading.sql.fragments import Fragment, NotOne

#: What a parameter's value becomes in the statement.
Form = Literal[
    "nothing",  # no part of it; or SQLAlchemy quotes it, checks it, or formats it as a number
    "expression",  # a str is an expression
    "default",  # a str is quoted, `text(…)` is an expression
    "item",  # of an index: a str is a column, `text(…)` an expression with its order
    "name",  # quoted as a name, but by what renames on SQL Server: `sp_rename '…'`
    "options",
    "part",  # of a query: nothing in it ends the statement
    "prefixes",  # some of the words that may stand there
    "type",
]

#: What may stand between CREATE and TABLE, and between CREATE and INDEX.
_PREFIXES = (
    "TEMP TEMPORARY GLOBAL LOCAL PRIVATE UNLOGGED FOREIGN EXTERNAL OR REPLACE TRANSIENT DYNAMIC".split()
)
_INDEX_PREFIXES = "FULLTEXT SPATIAL UNIQUE BITMAP".split()
_ON_COMMIT = "DROP DELETE PRESERVE ROWS DEFINITION".split()
_WORDS = {"prefixes": _PREFIXES, "postgresql_on_commit": _ON_COMMIT, "oracle_on_commit": _ON_COMMIT}


def _table(**forms: str) -> dict[str, Form]:
    """Parameter → form, from the names of each form's."""
    return {name: form for form, names in forms.items() for name in names.split()}  # type: ignore[misc]


_CONSTRAINT = _table(
    nothing="""
    name deferrable info table _create_rule _autoattach _type_bound _column_flag _gather_expressions
    _implicit_generated _constraint _unresolvable use_alter link_to_name comment if_not_exists
    postgresql_not_valid postgresql_include postgresql_nulls_not_distinct mssql_clustered
    """,
    options="initially match onupdate ondelete mysql_using mariadb_using sqlite_on_conflict",
)
#: SQLAlchemy's constructs: every parameter by name, those of its dialects too.
CONSTRUCTS: Mapping[str, Mapping[str, Form]] = {
    "Column": _table(
        nothing="""
        name autoincrement default insert_default doc key index unique info nullable onupdate primary_key
        server_onupdate quote system comment insert_sentinel _omit_from_statements _proxies
        """,
        default="server_default",
        type="type_",
        options="""
        mssql_identity_start mssql_identity_increment sqlite_on_conflict_primary_key
        sqlite_on_conflict_not_null sqlite_on_conflict_unique
        """,
    ),
    "Table": _table(
        nothing="""
        schema quote quote_schema autoload autoload_with autoload_replace keep_existing extend_existing
        resolve_fks include_columns implicit_returning comment info listeners _creator_ddl _dropper_ddl
        _extend_on _no_init metadata name if_not_exists must_exist mustexist useexisting
        postgresql_ignore_search_path postgresql_tablespace postgresql_inherits postgresql_with_oids
        oracle_resolve_synonyms oracle_tablespace sqlite_autoincrement sqlite_with_rowid sqlite_strict
        mysql_comment mysql_password mysql_connection mariadb_comment mariadb_password mariadb_connection
        """,
        prefixes="prefixes postgresql_on_commit oracle_on_commit",
        options="postgresql_partition_by postgresql_with postgresql_using oracle_compress",
    ),
    "Index": _table(
        nothing="""
        name unique quote info _table _column_flag postgresql_include postgresql_concurrently
        postgresql_tablespace postgresql_nulls_not_distinct postgresql_using postgresql_invalid
        mysql_using mysql_length mariadb_using mariadb_length mssql_clustered mssql_include
        mssql_columnstore oracle_bitmap if_not_exists if_exists
        """,
        expression="postgresql_where mssql_where sqlite_where",
        options="""
        postgresql_ops postgresql_with mysql_with_parser mariadb_with_parser oracle_compress oracle_vector
        """,
        prefixes="mysql_prefix mariadb_prefix",
    ),
    "CheckConstraint": {**_CONSTRAINT, "sqltext": "expression"},
    "ForeignKey": {**_CONSTRAINT, "column": "nothing"},
    "ForeignKeyConstraint": {**_CONSTRAINT, "columns": "nothing", "refcolumns": "nothing"},
    "PrimaryKeyConstraint": _CONSTRAINT,
    "UniqueConstraint": _CONSTRAINT,
    "ExcludeConstraint": {
        **_CONSTRAINT,
        **_table(expression="where", options="using ops"),
    },
    "Computed": _table(expression="sqltext", nothing="persisted"),
    "Sequence": _table(
        nothing="""
        name start increment minvalue maxvalue nominvalue nomaxvalue cycle schema cache order optional quote
        quote_schema metadata for_update info data_type oracle_order
        """,
    ),
    "DOMAIN": _table(
        nothing="name data_type collation collation_schema constraint_name not_null create_type kw",
        default="default",
        expression="check",
    ),
}

_NAMES = _table(
    name="""
    table_name column_name schema new_column_name old_table_name new_table_name index_name constraint_name
    source_table referent_table source_schema referent_schema local_cols remote_cols
    """
)
_DROPS = {**_NAMES, **_table(nothing="if_exists cascade type_ info")}
#: Alembic's directives: what is theirs alone, and the construct that takes the rest.
DIRECTIVES: Mapping[str, Mapping[str, Form]] = {
    "add_column": {
        **_NAMES,
        **_table(
            nothing="if_not_exists inline_references inline_primary_key insert_before insert_after column"
        ),
    },
    "alter_column": {
        **_NAMES,
        **_table(
            nothing="""
            nullable comment existing_comment existing_nullable autoincrement existing_autoincrement info
            insert_before insert_after mssql_drop_default mssql_drop_check mssql_drop_foreign_key
            """,
            default="server_default existing_server_default",
            type="type_ existing_type",
            expression="postgresql_using",
        ),
    },
    "bulk_insert": _table(nothing="table multiinsert", default="rows"),
    "create_check_constraint": {
        **CONSTRUCTS["CheckConstraint"], **_NAMES, "condition": "expression",
    },
    "create_exclude_constraint": {**CONSTRUCTS["ExcludeConstraint"], **_NAMES},
    "create_foreign_key": {**CONSTRUCTS["ForeignKeyConstraint"], **_NAMES},
    "create_index": {**CONSTRUCTS["Index"], **_NAMES, "columns": "item"},
    "create_primary_key": {**CONSTRUCTS["PrimaryKeyConstraint"], **_NAMES, "columns": "nothing"},
    "create_table": {**CONSTRUCTS["Table"], **_NAMES},
    "create_table_comment": {**_NAMES, **_table(nothing="comment existing_comment")},
    "create_unique_constraint": {**CONSTRUCTS["UniqueConstraint"], **_NAMES, "columns": "nothing"},
    "drop_column": {**_DROPS, **_table(nothing="mssql_drop_default mssql_drop_check mssql_drop_foreign_key")},
    "drop_constraint": _DROPS,
    "drop_index": {**CONSTRUCTS["Index"], **_DROPS},
    "drop_table": {**CONSTRUCTS["Table"], **_DROPS},
    "drop_table_comment": {**_NAMES, **_table(nothing="existing_comment")},
    "execute": _table(nothing="sqltext execution_options"),
    "rename_table": _NAMES,
}  # fmt: skip

#: A parameter, its form, and what is given for it.
Given = tuple[str, Form, Value]


class TextJudgement:
    """What is found wrong in the texts of one call, and what they call."""

    __slots__ = ("_dialect", "calls", "why")

    def __init__(self, dialect: Dialect) -> None:
        self._dialect: Dialect = dialect
        self.why: list[str] = []
        self.calls: list[str] = []

    def arguments(self, forms: Mapping[str, Form], given: Mapping[str, Value]) -> TextJudgement:
        """Judge the arguments that are given by name."""
        for name, value in given.items():
            form = forms.get(name)
            if form is None and _of_another_dialect(name, self._dialect):
                continue
            if form != "nothing":
                self.value(name, form or "options", value)
        return self

    def value(self, name: str, form: Form, value: Value) -> None:
        """Judge one argument, and what it holds."""
        if value is None or value is True or value is False:
            return
        for each in alternatives(value):
            if isinstance(each, (List, tuple)):
                for item in each.every() if isinstance(each, List) else each:
                    self.value(name, form, item)
            elif isinstance(each, Dict):
                for key, item in each.items():
                    self.value(name, form, item)
                    if form not in ("default", "item"):  # of rows, the keys are columns
                        self.value(name, form, key)
            elif isinstance(each, str):
                if form == "name":
                    self.name(name, each)
                elif form not in ("default", "item", "type"):
                    self.text(name, form, each)
            elif isinstance(each, SqlText):
                for text in alternatives(each.text):
                    self.text(name, "expression" if form == "default" else form, text)
            elif isinstance(each, SqlFunction):
                self.text(name, "expression" if form == "default" else form, each.text)
            elif isinstance(each, SqlType):
                self.type(name, each)
            elif isinstance(each, (Unknown, Dotted)) and form in _RAW:
                self.text(name, form, each)
            elif isinstance(each, (ModelRecord, ServerDefault)):
                self.why += each.pasted

    def type(self, name: str, of: SqlType) -> None:
        """Judge the text of a type; what SQLAlchemy makes of an enumeration is quoted."""
        if of.text is not None and of.enum_name is None and not of.enum_values:
            self.text(name, "type", of.text)

    def name(self, name: str, given: str) -> None:
        """Judge a name, which is quoted as such: in the string that some are written into it may end that."""
        if self._dialect == "mssql" and "'" in given:
            self.why.append(f"`{name}` goes into a string as it is, and holds a quote")

    def text(self, name: str, form: Form, text: Value) -> None:
        """Judge one text that is pasted."""
        if isinstance(text, str) and not text.strip():
            return
        if not isinstance(text, str) or not text.strip(f"{HOLE} "):
            reason = f": {text.reason}" if isinstance(text, Unknown) else ""
            self.why.append(f"{_WHERE.format(name)} what it is could not be worked out{reason}")
        else:
            found = _fragment(name, form, text, self._dialect)
            if isinstance(found, NotOne):
                self.why.append(f"{_WHERE.format(name)} is no {_CALLED[form]}: {found.why}")
            else:
                self.calls += found.calls


#: Forms in which a str is pasted.
_RAW = frozenset(("expression", "options", "prefixes", "part"))
_WHERE = "`{}` goes into the statement as it is, and"
_CALLED: Mapping[Form, str] = {
    "expression": "one expression",
    "default": "one expression",
    "item": "item of an index",
    "options": "options",
    "part": "part of a statement",
    "prefixes": "such word",
    "type": "one type",
    "nothing": "text",
    "name": "name",
}


@lru_cache(maxsize=4096)  # a history writes the same types and defaults again and again
def _fragment(name: str, form: Form, text: str, dialect: Dialect) -> Fragment | NotOne:
    if form == "item":
        return fragments.index_item(_unescaped(text), dialect)
    if form == "prefixes":
        return fragments.keywords(text.replace("_", " "), dialect, _WORDS.get(name, _INDEX_PREFIXES))
    if form == "type":
        return fragments.type(text, dialect)
    if form == "part":
        return fragments.part(text, dialect)
    if form == "options":
        return fragments.options(text, dialect)
    return fragments.expression(_unescaped(text), dialect, on_update=True)


def _unescaped(text: str) -> str:
    """As `text(…)` has it, where a backslash keeps a colon from being a parameter's."""
    return text.replace("\\:", ":")


def _of_another_dialect(name: str, dialect: Dialect) -> bool:
    """Whether a keyword is for a dialect alone that is not read."""
    prefix = name.partition("_")[0]
    mine = ("mysql", "mariadb") if dialect in ("mysql", "mariadb") else (dialect,)
    return prefix in DIALECTS and prefix not in mine


def constructed(
    dialect: Dialect, construct: str, given: Mapping[str, Value], *others: Given
) -> tuple[str, ...]:
    """What is wrong in the texts of a construct of SQLAlchemy's: of those given by name, and of others."""
    found = TextJudgement(dialect).arguments(CONSTRUCTS[construct], given)
    for name, form, value in others:
        found.value(name, form, value)
    return tuple(found.why)


def directed(
    dialect: Dialect, directive: str, args: Mapping[str, Value], rest: Iterable[Value]
) -> TextJudgement:
    """What is wrong in the texts of a directive, and in those of what it is given."""
    found = TextJudgement(dialect).arguments(DIRECTIVES.get(directive, {}), args)
    if directive == "create_exclude_constraint":
        for given in exclusions(rest):
            found.value(*given)
        return found
    for value in (*rest, args.get("column")):
        found.value("columns", "nothing", inside(value))
    return found


def exclusions(elements: Iterable[Value]) -> list[Given]:
    """The elements of an exclusion: each a column or an expression, with an operator."""
    found: list[Given] = []
    for each in elements:
        column, *operator = each if isinstance(each, (tuple, List)) else (each,)
        found += [("elements", "item", column), ("elements", "options", tuple(operator))]
    return found


def held(value: Value) -> list[str]:
    """What is wrong in the texts of a table and of what stands in it, or of an index or a constraint."""
    inner = value.items.every() if isinstance(value, TableModel) else ()
    found = [each for item in inner for each in alternatives(inside(item))]
    return [why for each in (value, *found) if isinstance(each, ModelRecord) for why in each.pasted]


def escaping(run: Interpreter, dialect: Dialect, values: Iterable[Value]) -> list[Operation]:
    """What stands for texts that SQLAlchemy quotes, where the session takes a backslash in them for more."""
    if dialect != "postgresql" or run.sql_session.now.quoting.turned is False:
        return []
    if not any(map(_escapes, values)):
        return []
    return [opaque("a text is quoted, and `standard_conforming_strings` may be off: a backslash may end it")]


def _escapes(value: Value) -> bool:
    """Whether there may be a backslash in a text that something holds."""
    for each in alternatives(inside(value)):
        if isinstance(each, (List, tuple, Dict)):
            if any(map(_escapes, each if isinstance(each, tuple) else each.every())):
                return True
        elif isinstance(each, TableModel):
            if any(map(_escapes, (*each.items.every(), *each.options.every()))):
                return True
        elif isinstance(each, (Unknown, str)):
            text = each if isinstance(each, str) else HOLE
            if "\\" in text or HOLE in text:
                return True
        elif isinstance(each, (ColumnModel, SqlType)):
            shown = repr(each if isinstance(each, SqlType) else (each.column, each.constraints, each.enum))
            if "\\" in shown or HOLE in shown:
                return True
    return False


def opaque(why: str) -> Operation:
    """What stands for a text that is not what belongs in its place."""
    return Operation(kind="opaque", reason=why, tables=(ANY_TABLE,))


def unquoted(run: Interpreter, dialect: Dialect, value: Value) -> Value:
    """The name that the server makes of one that is pasted without quotes."""
    if isinstance(value, Choice):
        return Choice(tuple(unquoted(run, dialect, each) for each in value.values))
    if not isinstance(value, str) or HOLE in value:
        return value
    found = fragments.name(value, dialect)
    if isinstance(found, NotOne):
        run.recorder.opaque(f"a name goes into the statement without quotes, and is none: {found.why}")
        return Unknown("it is no name")
    if len(found.tokens) > 1:
        return Unknown("it is a name with a dot that goes into the statement without quotes")
    token = found.tokens[0]
    return named(token, dialect)
