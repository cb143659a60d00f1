"""Which network the command speaks to, and as whom: the embedded one by itself, another by address and token."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.embedded.handover import Handover
from shared.runtime.settings import ROOT

DEMONSTRATION_OPERATOR = "operator"


class SaidNo(Exception):
    """The network refused, does not answer, or cannot do it; the message says so to a person."""


class NotReached(SaidNo):
    """There is no network at the address."""


@dataclass(frozen=True)
class Network:
    """A running network's address and a token for it."""

    url: str
    token: str

    def call(self, method: str, path: str, **sent: Any) -> Any:
        """The JSON answer (None where there is nothing to say), or a plain sentence on why there is none."""
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            answer = httpx.request(method, self.url + path, headers=headers, timeout=600, **sent)
        except httpx.TransportError as error:
            raise NotReached(f"no answer from {self.url}: {error}") from error
        if answer.is_error:
            raise SaidNo(f"{path}: {_why(answer)}")
        return answer.json() if answer.content else None

    def operate(self, method: str, service: str, path: str, **sent: Any) -> Any:
        """The answer of a service's operator's door."""
        return self.call(method, f"/{service}/operate/api/{path}", **sent)


def _why(answer: httpx.Response) -> str:
    """The problem's own words, and those about each field."""
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    fields = [f"{name}: {words}" for name, words in problem.get("fields", {}).items()]
    said = problem.get("detail") or f"{problem.get('title', answer.status_code)}."
    return " ".join([said, *fields])


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
        url = (url or Handover.read(data).base_url).rstrip("/")
        return Network(url, token or _embedded_operator(url))
    except (FileNotFoundError, httpx.HTTPError) as error:
        raise NotReached("no network runs here: start one with `make run`, or give --url and --token") from error
