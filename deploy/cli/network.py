"""Which network the command speaks to, and as whom: the embedded one by itself, another by address and token."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import typer

from deploy.embedded.handover import Handover
from shared.runtime.settings import ROOT

DEMONSTRATION_OPERATOR = "operator"


class NotReached(typer.BadParameter):
    """There is no network at the address, or it refused the token."""


@dataclass(frozen=True)
class Network:
    """A running network's address and a token for it."""

    url: str
    token: str

    def call(self, method: str, path: str, **sent: Any) -> Any:
        """The JSON answer, or a plain sentence on why there is none."""
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            answer = httpx.request(method, self.url + path, headers=headers, timeout=600, **sent)
        except httpx.TransportError as error:
            raise NotReached(f"no answer from {self.url}: {error}") from error
        if answer.is_error:
            raise NotReached(f"{path}: {_why(answer)}")
        return answer.json()


def _why(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    return f"{problem.get('title', answer.status_code)}. {problem.get('detail', '')}".strip()


def _embedded_operator(url: str) -> str:
    people = httpx.get(f"{url}/sign-in/people", timeout=10).raise_for_status().json()
    rows = people["people"] if isinstance(people, dict) else people
    operator = next(person["id"] for person in rows if DEMONSTRATION_OPERATOR in person["roles"])
    answer = httpx.post(f"{url}/sign-in/token", json={"person": operator}, timeout=10).raise_for_status()
    return str(answer.json()["access_token"])


def find(url: str | None, token: str | None, data: Path = ROOT / ".kith") -> Network:
    """The network named by `url` and `token`, else the embedded one that `make run` started here."""
    if url and token:
        return Network(url.rstrip("/"), token)
    try:
        url = url or Handover.read(data).base_url
        return Network(url, token or _embedded_operator(url))
    except (FileNotFoundError, httpx.HTTPError) as error:
        raise NotReached("no network runs here: start one with `make run`, or give --url and --token") from error
