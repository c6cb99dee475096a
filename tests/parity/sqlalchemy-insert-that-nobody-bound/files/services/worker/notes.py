import uuid

from sqlalchemy.orm import Session

from models import DeploymentEvent


def note(session: Session, deployment_id: uuid.UUID, text: str) -> None:
    session.add(DeploymentEvent(deployment_id=deployment_id, kind="note", reason=text, last_lines={"a": 1}))


def forget(session: Session, deployment_id: uuid.UUID) -> None:
    for event in session.query(DeploymentEvent).filter_by(deployment_id=deployment_id):
        event.hint = ""
