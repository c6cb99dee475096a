"""What a PostgreSQL holds, as it writes it itself: to be compared after one migration and after another."""

from __future__ import annotations

import sqlalchemy as sa

_OURS = "(SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'app'))"
_CATALOG = f"""
    SELECT 'table', c.oid::regclass::text, relkind::text, relpersistence::text,
        array_to_string(reloptions, ' '), pg_get_partkeydef(c.oid), obj_description(c.oid), relacl::text
    FROM pg_class c WHERE relnamespace IN {_OURS} AND relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL
    SELECT 'column', attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull::text,
        pg_get_expr(d.adbin, d.adrelid), col_description(attrelid, attnum),
        concat(attidentity, attgenerated, ' ', l.collname)
    FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
    LEFT JOIN pg_collation l ON l.oid = attcollation
    WHERE relnamespace IN {_OURS} AND relkind IN ('r', 'p', 'v', 'm') AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid::text,
        i.indisprimary::text, i.indisreplident::text, '', ''
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace IN {_OURS}
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated::text,
        '', '', ''
    FROM pg_constraint WHERE connamespace IN {_OURS} AND contype <> 'n'
    UNION ALL
    SELECT 'value', enumtypid::regtype::text, enumlabel, '', '', '', '', '' FROM pg_enum
"""


def described(connection: sa.Connection) -> list[tuple[str, ...]]:
    """Tables, columns, indexes, constraints and values of the schemas `public` and `app`.

    Not the constraints that PostgreSQL 18 makes of NOT NULL, whose names tell how a column came to be so:
    what they hold is told of the columns.
    """
    return sorted(tuple(map(str, row)) for row in connection.exec_driver_sql(_CATALOG))
