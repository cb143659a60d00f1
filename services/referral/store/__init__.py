"""What referral keeps, and how it is read and written."""

from services.referral.store import case_rows, network_rows, request_rows, rows
from services.referral.store.base import Base

__all__ = ["Base", "case_rows", "network_rows", "request_rows", "rows"]
