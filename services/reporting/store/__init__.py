"""What reporting keeps, and how it is read and written."""

from services.reporting.store import rows
from services.reporting.store.base import Base

__all__ = ["Base", "rows"]
