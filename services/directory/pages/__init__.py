"""The screens of the directory: find a group, a listing, and the providers' desk."""

from services.directory.pages import attendance, desk, listing, request, rooms, searching

__all__ = ["attendance", "desk", "listing", "request", "rooms", "searching"]
