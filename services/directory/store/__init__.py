"""What the directory keeps, and how it is read and written."""

from services.directory.store import rows
from services.directory.store.base import Base

__all__ = ["Base", "rows"]
