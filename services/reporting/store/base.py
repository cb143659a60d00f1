"""The tables of reporting: its own registry, with the inbox beside them."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.backbone.tables import backbone_tables


class Base(SQLModel, registry=registry()):
    """What every row of this service stands on."""


backbone_tables(Base.metadata)
