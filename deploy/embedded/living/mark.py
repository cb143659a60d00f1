"""What a network's folder remembers of its filling: from which moment its past was told, and whether all of it was."""

import json
from datetime import datetime
from pathlib import Path

NAME = "borough.json"


class Mark:
    """Written when the filling begins and when it is whole, so that a crash between is never taken for the end."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    @property
    def whole(self) -> bool:
        """Whether everything was told and heard."""
        return bool(self._read().get("whole"))

    def begin(self, now: datetime) -> datetime:
        """The moment up to which the past is told: that of the first beginning."""
        if stated := self._read().get("now"):
            return datetime.fromisoformat(str(stated))
        self._write({"now": now.isoformat(), "whole": False})
        return now

    def complete(self) -> None:
        """All is there."""
        self._write({**self._read(), "whole": True})

    def _read(self) -> dict[str, object]:
        known: dict[str, object] = json.loads(self._path.read_text()) if self._path.exists() else {}
        return known

    def _write(self, known: dict[str, object]) -> None:
        half = self._path.with_suffix(".half")
        half.write_text(json.dumps(known))
        half.replace(self._path)
