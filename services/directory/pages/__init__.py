"""The screens of the directory: find a group, a listing, and the providers' desk."""

from services.directory.pages import attendance, desk, end, listing, request, rooms, searching

__all__ = ["attendance", "desk", "end", "listing", "request", "rooms", "searching"]
