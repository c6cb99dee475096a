"""SQLAlchemy-Utils 0.43: views as elements that are executed."""

from __future__ import annotations

from overlay import view
from sqlalchemy import text


def CreateView(name, selectable, materialized=False, replace=False):
    return view(name)


def DropView(name, materialized=False, cascade=True):
    kind = "MATERIALIZED VIEW" if materialized else "VIEW"
    return text(f"DROP {kind} IF EXISTS {name}{' CASCADE' if cascade else ''}")


def refresh_materialized_view(session, name, concurrently=False):
    session.execute(text(f"REFRESH MATERIALIZED VIEW {'CONCURRENTLY ' if concurrently else ''}{name}"))
