import datetime
import uuid

from sqlalchemy import DateTime, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: Text, list[str]: JSONB, datetime.datetime: DateTime(timezone=True)}


class DeploymentEvent(Base):
    __tablename__ = "deployment_events"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    deployment_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    reason: Mapped[str]
    exit_code: Mapped[int | None]
    event: Mapped[str] = mapped_column(server_default="")
    last_lines: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    hint: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index(
            "deployment_events_autopsy_uniq", "deployment_id", "kind",
            unique=True, postgresql_where=text("kind = 'failure_autopsy'"),
        ),
    )
