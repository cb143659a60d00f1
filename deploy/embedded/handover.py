"""What the supervisor hands to the host and to the `kith` command: where a network's engines and its front door are."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = "handover.json"


@dataclass(frozen=True, slots=True)
class StoreAddresses:
    """One service's database, for SQLAlchemy: as the owner (migrations) and as the application (the service)."""

    owner_url: str = field(repr=False)
    database_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Handover:
    """A running network. `data` is its folder, `port` where the host listens on 127.0.0.1, `kafka` the bootstrap.

    `stream_prefix` stands before every topic, where several networks share a broker. `began` is when its start began,
    in seconds of the epoch; 0 when nobody measures.
    """

    data: Path
    port: int
    kafka: str
    stores: Mapping[str, StoreAddresses]
    stream_prefix: str = ""
    began: float = 0.0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def keys(self) -> Path:
        """A folder (0700) where the host keeps the keys that it makes once."""
        return self.data / "keys"

    def write(self) -> Path:
        """Leave it in the data folder, readable by us alone."""
        path = self.data / NAME
        half = path.with_suffix(f".{os.getpid()}")
        half.touch(0o600)
        half.write_text(json.dumps(asdict(self) | {"data": str(self.data)}, indent=1))
        half.replace(path)
        return path

    @classmethod
    def read(cls, path: Path) -> Handover:
        """From the file, or the data folder that holds it."""
        known = json.loads((path / NAME if path.is_dir() else path).read_text())
        stores = {service: StoreAddresses(**urls) for service, urls in known["stores"].items()}
        prefix, began = known.get("stream_prefix", ""), known.get("began", 0.0)
        return cls(Path(known["data"]), known["port"], known["kafka"], stores, prefix, began)
