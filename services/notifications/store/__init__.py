"""What notifications keeps, and how it is read and written."""

from services.notifications.store import rows
from services.notifications.store.base import Base

__all__ = ["Base", "rows"]
