"""Sets Kith up on a machine that has only Python: packages, the screens' assets, the broker.

Everything goes into this folder, but for the broker's files, which pass through the user's Maven cache.

Run by the system's own Python (`python3 deploy/embedded/setup.py`), so it uses the standard library alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "kith-setup.json"
RUN_LOCK = ROOT / "requirements-embedded.lock"
TEST_LOCK = ROOT / "requirements-dev.lock"
OLDEST = (3, 11)

# Not a plain "#!": the kernel cuts a long path, and a folder's name may hold a space.
KITH = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys
from deploy.cli.main import main
sys.exit(main())
"""

_began = time.monotonic()


def say(what: str) -> None:
    print(f"{time.monotonic() - _began:6.1f} s  {what}", flush=True)


def make_venv() -> None:
    if (VENV / "bin" / "pip").exists():
        return
    say("Making .venv")
    try:
        venv.create(VENV, with_pip=True)
    except (subprocess.CalledProcessError, ImportError):
        # Debian keeps ensurepip in a package of its own.
        sys.exit("Python cannot make a virtual environment: install the package python3-venv, then run this again.")


def installed() -> dict[str, str]:
    """The lock files that .venv was made from, each with its digest."""
    try:
        known: dict[str, str] = json.loads(STAMP.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return known


def stamp(lock: Path) -> str:
    """Changes with the lock file, with the Python that .venv stands on, and when the folder is moved."""
    return hashlib.sha256(lock.read_bytes() + f"{sys.version} {ROOT}".encode()).hexdigest()


def install(lock: Path) -> None:
    """Exactly what the lock file names, each file checked against its hash."""
    wanted = sum("==" in line for line in lock.read_text().splitlines())
    say(f"Installing {wanted} packages from {lock.name}")
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--no-input",
        "--progress-bar=off",
        "-r",
        lock,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        lines = _follow(pip, wanted)
    if pip.returncode != 0:
        sys.exit("".join(lines[-15:]) + "The packages could not be installed.")
    say("Packages are installed")


def _follow(pip: subprocess.Popen[str], wanted: int) -> list[str]:
    """Turn pip's talk into a line now and then; all of it is kept for when it fails."""
    lines: list[str] = []
    seen = 0
    for line in pip.stdout or ():
        lines.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            seen += 1
            if seen % 25 == 0:
                say(f"  {min(seen, wanted)} of {wanted}")
        elif line.startswith("Installing collected"):
            say("  unpacking")
    return lines


def install_project() -> None:
    """Put Kith itself on .venv's path, and its command into .venv/bin: no build tool has to be fetched for that."""
    (package_folder() / "kith.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin" / "kith"
    command.write_text(KITH.format(python=PYTHON))
    command.chmod(0o755)


def package_folder() -> Path:
    return next((VENV / "lib").glob("python3.*")) / "site-packages"


def step(module: str) -> None:
    """A step that already needs our packages; it says its own progress and does nothing when all is there."""
    if subprocess.run([PYTHON, "-m", module], cwd=ROOT, check=False).returncode != 0:
        sys.exit(f"Set-up stopped in {module}.")


def main() -> None:
    parser = argparse.ArgumentParser(description="Set Kith up in this folder.")
    parser.add_argument("--tests", action="store_true", help="with what the tests and checks need")
    lock = TEST_LOCK if parser.parse_args().tests else RUN_LOCK
    if sys.version_info < OLDEST:
        sys.exit(f"Kith needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}.")
    make_venv()
    if installed().get(lock.name) != stamp(lock):
        install(lock)
        install_project()
        # What the test lock installs serves a run too, but not the other way round.
        STAMP.write_text(json.dumps({done.name: stamp(done) for done in {lock, RUN_LOCK}}))
    step("deploy.embedded.jars")
    step("deploy.embedded.assets")


if __name__ == "__main__":
    main()
