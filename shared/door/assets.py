"""The style sheets, scripts and icons of every page, ours and those the set-up step built, under names that change."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Response

from shared.door.guard import door, public
from shared.door.problems import NotFound

OWN = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# These name other assets in their text, so they are hashed after them.
_REFERRERS = ("nhsuk-frontend.min.css", "kith.css", "boot.js")
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file as it is served."""

    path: str
    type: str
    content: bytes


class Assets:
    """All assets of one service, read once at its start."""

    def __init__(self, service: str, built: Path) -> None:
        """`built`: the folder that `python -m deploy.embedded.assets` fills; pages work without it, unstyled."""
        self._base = f"/{service}/assets/"
        files = {file.name: file for root in (built, OWN) if root.is_dir() for file in sorted(root.iterdir())}
        known = {name: file.read_bytes() for name, file in files.items() if file.suffix in _TYPES}
        self._named: dict[str, str] = {}
        self._served: dict[str, Asset] = {}
        for name in sorted(known, key=_referring_last):
            self._add(name, _with_names(known[name], self._named) if name in _REFERRERS else known[name])

    def path(self, name: str) -> str:
        """Where a page finds the asset."""
        return self._base + self._named.get(name, name)

    def served(self, name: str) -> Asset | None:
        """The asset under its changing name."""
        return self._served.get(name)

    def _add(self, name: str, content: bytes) -> None:
        stem, dot, suffix = name.rpartition(".")
        hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}{dot}{suffix}"
        self._named[name] = hashed
        self._served[hashed] = Asset(self._base + hashed, _TYPES[dot + suffix], content)


def _referring_last(name: str) -> tuple[bool, str]:
    return name in _REFERRERS, name


def _with_names(content: bytes, names: Mapping[str, str]) -> bytes:
    """The file with the names of other assets in it replaced by their changing names."""
    for name, hashed in names.items():
        content = content.replace(name.encode(), hashed.encode())
    return content


def assets_router(service: str, assets: Assets) -> APIRouter:
    """`/<service>/assets/…`, kept by browsers for a year since a change has another name."""
    router = door(service)

    @router.get(f"/{service}/assets/{{name}}", dependencies=[public()], include_in_schema=False)
    async def asset(name: str) -> Response:
        found = assets.served(name)
        if found is None:
            raise NotFound
        return Response(found.content, media_type=found.type, headers={"cache-control": _FOR_EVER})

    return router
