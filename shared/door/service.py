"""What one service hands to its front door: its routes, its named errors, its templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter

from shared.door.menu import MENU, MenuItem


@dataclass(frozen=True)
class Service:
    """A service as its door sees it; `errors` says which HTTP status each named error of the domain answers with."""

    name: str
    title: str
    routers: Sequence[APIRouter]
    templates: Path
    errors: Mapping[type[Exception], int] = field(default_factory=dict)
    menu: Sequence[MenuItem] = MENU
