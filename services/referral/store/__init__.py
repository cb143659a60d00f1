"""What referral keeps, and how it is read and written."""

from services.referral.store import network_rows, rows
from services.referral.store.base import Base

__all__ = ["Base", "network_rows", "rows"]
