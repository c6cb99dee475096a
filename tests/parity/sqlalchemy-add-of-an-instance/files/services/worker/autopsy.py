import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models import DeploymentEvent


@dataclass
class Autopsy:
    deployment_id: uuid.UUID
    reason: str
    exit_code: int | None
    event: str
    last_lines: list[str]
    hint: str


def upsert_autopsy_row(session: Session, autopsy: Autopsy) -> None:
    """Keeps one autopsy for each failed deployment."""
    session.add(
        DeploymentEvent(
            deployment_id=autopsy.deployment_id,
            kind="failure_autopsy",
            reason=autopsy.reason,
            exit_code=autopsy.exit_code,
            event=autopsy.event,
            last_lines=autopsy.last_lines,
            hint=autopsy.hint,
        )
    )
