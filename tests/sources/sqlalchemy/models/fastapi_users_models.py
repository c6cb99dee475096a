"""The tables of FastAPI Users."""

from typing import Optional

from fastapi_users_db_sqlalchemy import (
    SQLAlchemyBaseOAuthAccountTable,
    SQLAlchemyBaseOAuthAccountTableUUID,
    SQLAlchemyBaseUserTable,
    SQLAlchemyBaseUserTableUUID,
)
from fastapi_users_db_sqlalchemy.access_token import SQLAlchemyBaseAccessTokenTableUUID
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    nickname: Mapped[Optional[str]]


class OAuthAccount(SQLAlchemyBaseOAuthAccountTableUUID, Base):
    pass


class AccessToken(SQLAlchemyBaseAccessTokenTableUUID, Base):
    pass


class Numbered(SQLAlchemyBaseUserTable[int], Base):
    __tablename__ = "numbered"
    id: Mapped[int] = mapped_column(primary_key=True)


class NumberedAccount(SQLAlchemyBaseOAuthAccountTable[int], Base):
    __tablename__ = "numbered_account"
    id: Mapped[int] = mapped_column(primary_key=True)
