"""SQL Server's system procedures: those that rename and move, and those that do no harm."""

from __future__ import annotations

from migration_lint.operations import ANY_TABLE, HOLE, Operation
from migration_lint.reading.sql.cursor import above_default_schema
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.tokens import tokenize

#: Procedures that change no table's shape.
HARMLESS = words(
    """
    sp_addextendedproperty sp_updateextendedproperty sp_dropextendedproperty sp_refreshview
    sp_refreshsqlmodule sp_recompile sp_settriggerorder sp_help sp_helptext sp_who sp_lock
    sp_tableoption sp_bindefault sp_unbindefault sp_bindrule sp_unbindrule sp_addrolemember
    sp_droprolemember sp_adduser sp_addrole sp_addlogin sp_updatestats sp_configure sp_addtype
    sp_indexoption sp_fulltext_database sp_fulltext_catalog sp_fulltext_table sp_fulltext_column
    sp_getapplock sp_releaseapplock sp_columns sp_fkeys sp_helpindex sp_helpdb sp_grantdbaccess
    sp_revokedbaccess sp_grantlogin sp_dropuser sp_droprole sp_droplogin sp_password sp_spaceused
    sp_depends sp_dboption sp_dbcmptlevel sp_cdc_enable_db sp_cdc_enable_table sp_cdc_disable_table
    sp_cdc_disable_db sp_fulltext_service sp_helpconstraint sp_droptype sp_autostats sp_createstats
    sp_bindsession sp_indexes sp_tables sp_pkeys sp_statistics sp_describe_first_result_set
    """
)


def owner_changed(arguments: dict[str, list[str]]) -> list[Operation]:
    """sp_changeobjectowner 'object', 'owner': moves it to the owner's schema."""
    parts = _parts((arguments.get("@objname") or arguments.get("0") or [HOLE])[0])
    owners = arguments.get("@newowner") or arguments.get("1") or [HOLE]
    return [
        Operation(
            kind="move_table",
            table=parts[-1],
            schema=parts[-2] if len(parts) > 1 else None,
            new_schema=owners[0] if len(owners) == 1 else HOLE,
        )
    ]


def renamed(arguments: dict[str, list[str]]) -> list[Operation]:
    """sp_rename 'object', 'new name'[, 'kind']"""

    def one(*names: str) -> str:
        options = next((arguments[name] for name in names if name in arguments), [""])
        return options[0] if len(options) == 1 else HOLE

    def unclear(why: str, table: str = ANY_TABLE) -> Operation:
        return Operation(kind="opaque", reason=f"sp_rename: {why}", tables=(table,))

    what, new = one("@objtype", "2").upper(), one("@newname", "1")
    *above, name = _parts(one("@objname", "0"))
    table = above[-1] if above else None
    schema = above[-2] if len(above) > 1 else None
    if what == "COLUMN" and table is None:
        return [unclear("the column's name is not known")]
    if what == "COLUMN":
        return [Operation(kind="rename_column", table=table, schema=schema, column=name, new_name=new)]
    if what == "INDEX":
        return [Operation(kind="rename_index", table=table, schema=schema, name=name, new_name=new)]
    if what in ("USERDATATYPE", "STATISTICS", "DATABASE"):
        return [Operation(kind="other_ddl", action="sp_rename")]
    if HOLE in what:
        return [unclear("what is renamed is not known")]
    # a table, or a constraint of it: only the catalog can tell
    operations = [Operation(kind="rename_table", table=name, schema=table, new_name=new)]
    if len(above) > 1 or (table is not None and table.lower() != "dbo"):
        # without its kind, `a.b` may be a column of the table a
        operations.append(unclear("it may rename a column of that table", ".".join(above[-2:])))
    return operations


def _parts(name: str) -> list[str]:
    found: list[str] = []
    before = ""
    for token in tokenize(name[:1000], "mssql"):
        if token.kind in ("word", "name", "string"):
            found.append(token.value)
        elif token.word == "." == before and found:
            found = above_default_schema(found)
        before = token.word
    return found or [HOLE]
