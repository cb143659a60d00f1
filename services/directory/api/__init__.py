"""The directory's door for programs: search, listings, the desk, room, and the operator's imports."""

from services.directory.api import desk, imports, searching

__all__ = ["desk", "imports", "searching"]
