"""The functions of PostgreSQL, and of MariaDB and MySQL: which may be called without harm, and which may not.

    python -m tests.benchmarks.functions [--write]

Starts the newest PostgreSQL that is here, asks it for the functions, operators and keywords that it ships,
and holds them against `migration_lint/reading/sql/postgresql_functions.txt`; `--write` stores them there.
The functions and words of the MariaDB that is here go to `mysql_functions.txt` beside it, with what only
other releases and MySQL have: `OF_MYSQL`, by MySQL 9's manual, "Built-In Function and Operator Reference".
None of them writes to a table.

What PostgreSQL cannot tell is decided here, in writing: which *volatile* functions do no harm and why, and
which functions run SQL, write files or settings, or touch catalogs. A volatile function that a newer server
brings and that nobody has decided about is an error until somebody has looked.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.database import servers

FOLDER = Path(__file__).parents[2] / "migration_lint/reading/sql"
FILE, MYSQL_FILE = FOLDER / "postgresql_functions.txt", FOLDER / "mysql_functions.txt"

#: What MySQL has and MariaDB has not, or only in a newer release than the one that is here, or does not list.
OF_MYSQL = """
    any_value asymmetric_decrypt asymmetric_derive asymmetric_sign asymmetric_verify
    asynchronous_connection_failover_add_managed asynchronous_connection_failover_add_source
    asynchronous_connection_failover_delete_managed asynchronous_connection_failover_delete_source
    asynchronous_connection_failover_reset bin_to_uuid
    can_access_column can_access_database can_access_table can_access_user can_access_view charset
    create_asymmetric_priv_key create_asymmetric_pub_key create_dh_parameters create_digest current_role
    etag format_bytes format_pico_time from_vector get_dd_column_privileges get_dd_create_options
    get_dd_index_sub_part_length group_replication_disable_member_action
    group_replication_enable_member_action group_replication_get_communication_protocol
    group_replication_get_write_concurrency group_replication_reset_member_actions
    group_replication_set_as_primary group_replication_set_communication_protocol
    group_replication_set_write_concurrency group_replication_switch_to_multi_primary_mode
    group_replication_switch_to_single_primary_mode grouping gtid_subset gtid_subtract icu_version is_uuid
    is_visible_dd_object json_array_intersect json_duality_object json_key_value json_object_filter_keys
    json_object_to_array json_schema_valid json_schema_validation_report json_storage_free json_storage_size
    json_table kdf last_value mbrcontains mbrcoveredby mbrcovers mbrdisjoint mbrequal mbrequals mbrintersects
    mbroverlaps mbrtouches mbrwithin member ps_current_thread_id ps_thread_id regexp_like roles_graphml
    row_number rowcount sha3 source_pos_wait statement_digest statement_digest_text string_to_vector to_vector
    uuid_to_bin uuid_v4 uuid_v7 validate_password_strength vec_distance vec_distance_cosine
    vec_distance_euclidean vec_fromtext vec_totext vector_dim vector_to_string wait_for_executed_gtid_set
    to_number to_timestamp chr trunc nvl nvl2 distance
    cume_dist dense_rank first_value lag lead nth_value ntile percent_rank rank
    geomcollection geometrycollection linestring multilinestring multipoint multipolygon point polygon
    area asbinary astext aswkb aswkt boundary buffer centroid contains crosses dimension disjoint distance
    endpoint envelope equals exteriorring geomcollfromtext geomcollfromwkb geometrycollectionfromtext
    geometrycollectionfromwkb geometryfromtext geometryfromwkb geometryn geometrytype geomfromtext geomfromwkb
    glength interiorringn intersects isclosed isempty isring issimple linefromtext linefromwkb
    linestringfromtext linestringfromwkb mlinefromtext mlinefromwkb mpointfromtext mpointfromwkb mpolyfromtext
    mpolyfromwkb multilinestringfromtext multilinestringfromwkb multipointfromtext multipointfromwkb
    multipolygonfromtext multipolygonfromwkb numgeometries numinteriorrings numpoints overlaps pointfromtext
    pointfromwkb pointn pointonsurface polyfromtext polyfromwkb polygonfromtext polygonfromwkb srid startpoint
    st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_boundary st_buffer st_buffer_strategy
    st_centroid st_collect st_contains st_convexhull st_crosses st_difference st_dimension st_disjoint
    st_distance st_distance_sphere st_endpoint st_envelope st_equals st_exteriorring st_frechetdistance
    st_geohash st_geomcollfromtext st_geomcollfromtxt st_geomcollfromwkb st_geometrycollectionfromtext
    st_geometrycollectionfromwkb st_geometryfromtext st_geometryfromwkb st_geometryn st_geometrytype
    st_geomfromgeojson st_geomfromtext st_geomfromwkb st_hausdorffdistance st_interiorringn st_intersection
    st_intersects st_isclosed st_isempty st_isring st_issimple st_isvalid st_latfromgeohash st_latitude
    st_length st_linefromtext st_linefromwkb st_lineinterpolatepoint st_lineinterpolatepoints
    st_linestringfromtext st_linestringfromwkb st_longfromgeohash st_longitude st_makeenvelope
    st_mlinefromtext st_mlinefromwkb st_mpointfromtext st_mpointfromwkb st_mpolyfromtext st_mpolyfromwkb
    st_multilinestringfromtext st_multilinestringfromwkb st_multipointfromtext st_multipointfromwkb
    st_multipolygonfromtext st_multipolygonfromwkb st_numgeometries st_numinteriorring st_numinteriorrings
    st_numpoints st_overlaps st_pointatdistance st_pointfromgeohash st_pointfromtext st_pointfromwkb st_pointn
    st_pointonsurface st_polyfromtext st_polyfromwkb st_polygonfromtext st_polygonfromwkb st_relate
    st_simplify st_srid st_startpoint st_swapxy st_symdifference st_touches st_transform st_union st_validate
    st_within st_x st_y
    touches within x y
"""
#: Words of MySQL's grammar that are none of MariaDB's.
WORDS_OF_MYSQL = """
    array attribute auto buckets bulk clone component cume_dist dense_rank description empty enforced
    engine_attribute failed_login_attempts first_value gipk grouping groups histogram inactive initial
    initiate intersect json_table keyring lag last_value lateral lead log manual member nested nth_value ntile
    nulls of off ojo old optional ordinality organization others over parallel parse_tree path percent_rank
    persist persist_only privilege_checks_user process qualify random rank recursive reference registration
    require_row_format resource respect retain returning reuse role row_number s3 secondary secondary_engine
    secondary_load secondary_unload skip srid stream system tablesample thread_priority ties tls unbounded
    unregister url vcpu vector visible window zone
"""

#: Words that MariaDB's grammar keeps for itself, and that MySQL's takes for the name of a stored function.
STORED_OF_MYSQL = frozenset(
    """
    backup binlog byte cache checkpoint checksum clob close code comment commit compressed deallocate
    delete_domain_id do_domain_ids execute flush follows handler help host id ignore_domain_ids install
    language no open options owner page_checksum parser period port precedes prepare raw ref_system_id remove
    repair replica replicas reset restore rollback savepoint security serial server shutdown slave slaves
    socket soname sounds start stats_auto_recalc stats_persistent stats_sample_pages stop undo uninstall
    upgrade wrapper xa
    """.split()
)

#: Volatile functions that change nothing that a table's readers and writers see, by what they do instead.
HARMLESS: Mapping[str, frozenset[str]] = {
    reason: frozenset(names.split())
    for reason, names in {
        "clock": "clock_timestamp timeofday",
        "lock": """
            pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all
            pg_advisory_unlock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock
            pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared
            """,
        "message": "pg_notify",
        "random": """
            array_sample array_shuffle gen_random_uuid random random_normal setseed uuidv4 uuidv7
            """,
        "reads": """
            current_query pg_available_wal_summaries pg_blocking_pids pg_collation_actual_version
            pg_control_checkpoint pg_control_init pg_control_recovery pg_control_system
            pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn
            pg_current_xlog_location pg_database_collation_actual_version pg_database_size pg_get_aios
            pg_get_backend_memory_contexts pg_get_loaded_modules pg_get_multixact_members
            pg_get_sequence_data pg_get_shmem_allocations pg_get_shmem_allocations_numa
            pg_get_wait_events pg_get_wal_replay_pause_state pg_get_wal_resource_managers
            pg_get_wal_summarizer_state pg_indexes_size pg_is_in_backup pg_is_in_recovery
            pg_is_wal_replay_paused pg_jit_available pg_last_committed_xact pg_last_wal_receive_lsn
            pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_lock_status
            pg_notification_queue_usage pg_partition_ancestors pg_partition_tree pg_prepared_xact
            pg_relation_size pg_safe_snapshot_blocking_pids pg_sequence_last_value
            pg_show_replication_origin_status pg_stat_get_backend_io pg_stat_get_backend_wal
            pg_stat_get_io pg_stat_get_recovery_prefetch pg_stat_get_xact_blocks_fetched
            pg_stat_get_xact_blocks_hit pg_stat_get_xact_function_calls
            pg_stat_get_xact_function_self_time pg_stat_get_xact_function_total_time
            pg_stat_get_xact_numscans pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched
            pg_stat_get_xact_tuples_hot_updated pg_stat_get_xact_tuples_inserted
            pg_stat_get_xact_tuples_newpage_updated pg_stat_get_xact_tuples_returned
            pg_stat_get_xact_tuples_updated pg_stat_have_stats pg_table_size pg_tablespace_size
            pg_total_relation_size pg_wal_summary_contents pg_xact_commit_timestamp
            pg_xact_commit_timestamp_origin pg_xact_status txid_status
            """,
        "sequence": "currval lastval nextval setval",
        "waits": "pg_sleep pg_sleep_for pg_sleep_until",
    }.items()
}
#: Functions that are harmless by no rule, whatever the server says of them, by what they do.
HARMFUL: Mapping[str, str] = {
    "setting": r"set_config",
    "runs-sql": r"query_to_xml.*|cursor_to_xml.*|ts_stat|ts_rewrite",
    "reads-by-name": r"(table|schema|database)_to_xml.*",
    "large-object": r"lo_.*|loread|lowrite",
    "server-file": r"pg_read_.*|pg_ls_.*|pg_stat_file|pg_current_logfile|pg_(hba|ident)_file_.*"
    r"|pg_show_all_file_settings",
    "backend": r"pg_.*_backend|pg_log_.*|pg_export_snapshot",
    "catalog": r"binary_upgrade_.*|pg_extension_config_dump|pg_import_system_collations|pg_nextoid"
    r"|pg_stop_making_pinned_objects",
    "replication": r"pg_.*replication_(slot|origin).*|pg_logical_.*|pg_sync_replication_slots"
    r"|pg_replication_origin_.*",
    "server": r"pg_backup_.*|pg_(start|stop)_backup|pg_create_restore_point|pg_promote|pg_reload_conf"
    r"|pg_rotate_logfile.*|pg_switch_wal|pg_wal_replay_.*",
    "statistics": r"pg_stat_(clear|force|reset).*|pg_(clear|restore)_(attribute|relation)_stats",
    "index-maintenance": r"brin_.*|gin_clean_pending_list|amvalidate",
    "internal": r"currtid2?|pg_isolation_test_session_is_blocked|fmgr_.*_validator",
}
#: Read only, although a pattern above takes their names.
_ONLY_READ = frozenset(
    """
    pg_show_replication_origin_status pg_get_replication_slots pg_stat_get_replication_slot
    pg_get_wal_replay_pause_state pg_stat_get_backend_io pg_stat_get_backend_wal
    """.split()
)
#: Called as functions, and no functions: the grammar's own.
SYNTAX = frozenset(
    """
    all any array cast coalesce current_date current_time current_timestamp exists greatest grouping json
    json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize
    json_table json_value least localtime localtimestamp merge_action normalize nullif overlay position row
    some substring treat trim xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize
    xmltable extract collation
    """.split()
)

_QUERY = """
select p.proname, p.provolatile = 'v', p.prokind,
       'internal'::regtype = any (p.proargtypes::oid[]), t.typname
from pg_proc p join pg_type t on t.oid = p.prorettype
where p.pronamespace = 'pg_catalog'::regnamespace and p.oid < 16384
"""
_HANDLERS = ("internal", "language_handler", "fdw_handler", "index_am_handler", "table_am_handler")


class Shipped(NamedTuple):
    """What a server ships: names by reason, and the volatile ones that nobody has decided about."""

    harmless: dict[str, str]  # name → reason
    harmful: dict[str, str]
    operators: frozenset[str]
    keywords: frozenset[str]
    undecided: tuple[str, ...]


def shipped(connection: Any) -> Shipped:
    """Ask a server, over a connection of psycopg."""
    harmless: dict[str, str] = dict.fromkeys(SYNTAX, "syntax")
    harmful: dict[str, str] = {}
    undecided: set[str] = set()
    rows: list[tuple[str, bool, str, bool, str]] = connection.execute(_QUERY).fetchall()
    uncallable = {name for name, _, _, internal, result in rows if internal or result in _HANDLERS}
    for name, is_volatile, kind, _, result in sorted((name.lower(), *rest) for name, *rest in rows):
        why = _why_harmful(name)
        if why is not None:
            harmful[name] = why
        elif result in ("trigger", "event_trigger"):
            harmless[name] = "trigger"
        elif name in uncallable or name.endswith("_validator"):
            continue
        elif is_volatile and kind == "f":
            reason = next((reason for reason, names in HARMLESS.items() if name in names), None)
            if reason is None:
                undecided.add(name)
            else:
                harmless[name] = reason
        else:
            harmless.setdefault(name, {"a": "aggregate", "w": "aggregate"}.get(kind, "pure"))
    types = connection.execute(
        "select typname from pg_type where typnamespace = 'pg_catalog'::regnamespace and oid < 16384"
        " and typtype in ('b', 'd', 'r', 'm') and typelem = 0"
    )
    for (name,) in types.fetchall():
        harmless.setdefault(name, "type")
    return Shipped(
        {name: reason for name, reason in harmless.items() if name not in harmful and name not in undecided},
        harmful,
        frozenset(name for (name,) in connection.execute("select distinct oprname from pg_operator")),
        frozenset(word for (word,) in connection.execute("select word from pg_get_keywords()")),
        tuple(sorted(undecided)),
    )


def _why_harmful(name: str) -> str | None:
    if name in _ONLY_READ:
        return None
    return next((reason for reason, names in HARMFUL.items() if re.fullmatch(names, name)), None)


def render(found: Shipped) -> str:
    """The text of the file."""
    parts = ["# What PostgreSQL ships; written by `python -m tests.benchmarks.functions --write`.\n"]
    for title, names in (("harmless", found.harmless), ("harmful", found.harmful)):
        for reason in sorted(set(names.values())):
            parts.append(_section(f"{title} {reason}", (n for n in names if names[n] == reason)))
    parts.append(_section("operators", found.operators))
    parts.append(_section("keywords", found.keywords))
    return "".join(parts)


def _section(title: str, names: Iterable[str]) -> str:
    text = textwrap.fill(" ".join(sorted(names)), 110, break_long_words=False, break_on_hyphens=False)
    return f"\n[{title}]\n{text}\n"


def mysql_text(functions: Iterable[str], keywords: Iterable[str], syntax: Iterable[str]) -> str:
    """The text of the file of MariaDB's and MySQL's, of what the server says."""
    return (
        "# What MariaDB and MySQL ship; written by `python -m tests.benchmarks.functions --write`.\n"
        + _section("harmless", {*functions, *OF_MYSQL.split()})
        + _section("harmless syntax", syntax)
        + _section("keywords", {*keywords, *WORDS_OF_MYSQL.split()})
    )


#: What MariaDB says of a call where it takes the name for that of a stored function.
_NO_SUCH_FUNCTION = (1305, 1630)


def of_mariadb() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Functions and words that MariaDB lists; the words that call no stored function. Raises NoServer."""
    import sqlalchemy as sa

    with servers.mariadb() as url, sa.create_engine(url).connect() as connection:

        def is_stored(name: str) -> bool:
            """Whether a stored function is meant where the name stands in front of a parenthesis."""
            for arguments in ("", "1", "1, 1"):
                try:
                    connection.exec_driver_sql(f"SELECT {name}({arguments})")
                except sa.exc.DBAPIError as error:
                    if error.orig is not None and error.orig.args[0] in _NO_SUCH_FUNCTION:
                        return True
            return False

        def told(column: str, table: str) -> frozenset[str]:
            said = connection.exec_driver_sql(f"SELECT {column} FROM information_schema.{table}").scalars()
            return frozenset(each.lower() for each in said if each and each[0].isalpha())

        words = told("word", "keywords")
        syntax = frozenset(word for word in words - STORED_OF_MYSQL if not is_stored(word))
        return told("function", "sql_functions"), words, syntax


def main() -> int:
    """The command; gives 1 where the file is not what the server says."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.functions", description=__doc__)
    parser.add_argument("--write", action="store_true", help="store what the server says")
    options = parser.parse_args()
    import psycopg

    with (
        servers.postgresql() as url,
        psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as connection,
    ):
        found = shipped(connection)
    if found.undecided:
        print("nobody has decided about", ", ".join(found.undecided))
        return 1
    texts = {FILE: render(found), MYSQL_FILE: mysql_text(*of_mariadb())}
    same = True
    for file, text in texts.items():
        if options.write:
            file.write_text(text, encoding="utf-8")
        stored = file.is_file() and file.read_text(encoding="utf-8") == text
        print(f"{file.name}: {len(text.split())} words, {'as stored' if stored else 'not as stored'}")
        same = same and stored
    return not same


if __name__ == "__main__":
    sys.exit(main())
