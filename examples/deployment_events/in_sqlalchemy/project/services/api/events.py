import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import DeploymentEvent


def get_deployment_events(session: Session, deployment_id: uuid.UUID) -> Sequence[DeploymentEvent]:
    """Every event of a deployment, the newest first."""
    statement = (
        select(DeploymentEvent)
        .where(DeploymentEvent.deployment_id == deployment_id)
        .order_by(DeploymentEvent.created_at.desc())
    )
    return session.scalars(statement).all()
