"""What a test cannot do without: skipped with a reason where it is missing, failed where nothing may be missing."""

import os
from pathlib import Path

import pytest

PUBLISHED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def need(there: bool, reason: str) -> None:
    """Skip with the reason, or fail when `KITH_EVERYTHING` says that nothing may be missing."""
    if there:
        return
    if os.environ.get("KITH_EVERYTHING"):
        pytest.fail(reason)
    pytest.skip(reason)


def browser() -> str:
    """The path of a Chromium to drive."""
    path = os.environ.get("KITH_CHROMIUM", "")
    need(bool(path) and Path(path).exists(), "no Chromium: set KITH_CHROMIUM")
    return path


def pictures() -> Path | None:
    """Where to keep a picture of every page that a browser test looks at; nowhere, unless `KITH_PICTURES` says."""
    folder = os.environ.get("KITH_PICTURES", "")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)
