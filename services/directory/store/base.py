"""The tables of the directory: its own registry, with the outbox, inbox and timers beside them."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.backbone.tables import backbone_tables


class Base(SQLModel, registry=registry()):
    """What every row of this service stands on."""


backbone_tables(Base.metadata)
