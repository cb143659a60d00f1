"""The compose file as operators run it, under a project name, an address and secrets of the test's own."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from deploy.embedded.process import free_port
from deploy.identity import secrets, tokens
from shared.runtime.actor import Role
from tests.system.journey import Json, Member, Network

ROOT = Path(__file__).resolve().parents[2]
ISSUER = "https://kith.invalid/own-keys"


class Compose:
    """One network in containers."""

    def __init__(self, folder: Path) -> None:
        self.secrets, self.port, self.prometheus_port = folder / "secrets", free_port(), free_port()
        self.project = f"kith-test-{uuid4().hex[:8]}"
        self.environment = os.environ | {
            "KITH_SECRETS_FOLDER": str(self.secrets),
            "KITH_BIND": f"127.0.0.1:{self.port}",
            "KITH_PROMETHEUS_BIND": f"127.0.0.1:{self.prometheus_port}",
            "KITH_BASE_URL": self.url,
            "KITH_SMTP_HOST": "mailbox",
            "KITH_SMTP_PORT": "2525",
            "KITH_SMTP_TLS": "false",
        }
        secrets.make(self.secrets)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def prometheus(self) -> str:
        return f"http://127.0.0.1:{self.prometheus_port}"

    def run(self, *words: str, check: bool = True) -> str:
        """The output of a `docker compose` command of this project."""
        files = ["-f", "docker-compose.yml", "-f", "tests/system/compose.mailbox.yml"]
        command = ["docker", "compose", "-p", self.project, *files, *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True)
        assert not check or done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def standing(self, service: str, number: int) -> Json:
        """What an operator is shown of one replica, past the gateway."""
        operator = self.token(self.network().member("operator"))
        asked = f"http://127.0.0.1:8000/{service}/operate/api/status"
        headers = {"Authorization": f"Bearer {operator}"}
        code = (
            f"import urllib.request as u; print(u.urlopen(u.Request({asked!r}, headers={headers!r})).read().decode())"
        )
        said: Json = json.loads(self.run("exec", "-T", "--index", str(number), service, "python3", "-c", code))
        return said

    def kill(self, service: str, number: int) -> None:
        """Kill one replica with -9; nothing starts it again."""
        subprocess.run(["docker", "kill", f"{self.project}-{service}-{number}"], check=True, capture_output=True)

    def token(self, member: Member) -> str:
        """A token from the network's own key, as `kith token` mints it."""
        return tokens.mint(
            self.secrets / "signing_key.json",
            issuer=ISSUER,
            subject=member.subject,
            roles=[Role(member.role)],
            organisations=list(member.organisations),
            name=member.name,
        )

    def network(self) -> Network:
        return Network(self.url, self.token)


@contextmanager
def composed(folder: Path) -> Iterator[Compose]:
    """The network, built and started; taken down with its volumes afterwards."""
    compose = Compose(folder)
    try:
        compose.run("up", "--build", "--detach", "--wait", "--wait-timeout", "300")
        yield compose
    finally:
        compose.run("down", "--volumes", "--timeout", "15", check=False)
