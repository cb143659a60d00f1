"""The `kith` command against a network and a feed of a few lines: what it asks, what it prints, how it fails."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner, Result

from deploy.cli.main import app
from deploy.cli.network import NotReached, find
from deploy.databases import SERVICES

TALLY = {"read": 3, "added": 1, "changed": 0, "unchanged": 1, "rejected": 1}
REJECTS = [
    {"row": 2, "id": "=cmd()", "reason": 'no "name"'},
    {"row": 3, "id": "", "reason": "\t+1 is no postcode"},
    {"row": 4, "id": "\x1b]0;owned\x07", "reason": "no name"},
]
STANDING = {
    "ready": True,
    "troubles": [],
    "to_mend": [],
    "outbox_depth": 0,
    "outbox_age_s": 0.0,
    "streams": [{"lag": 3}],
    **dict.fromkeys(("parked", "retrying", "waiting", "early", "timers_due"), 0),
}
Answer = tuple[int, bytes]


class Network:
    """Answers like the operators' doors, and keeps what it was sent."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.pages: Callable[[str], Answer] = lambda _: (404, b"")
        self.aside: list[dict[str, Any]] = []
        self.standing: Callable[[str], Answer] = lambda _: (200, json.dumps(STANDING).encode())
        self.url = ""

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        self.asked.append((method, target, body))
        if target.startswith("/feed"):
            return self.pages(target)
        if target == "/sign-in/people":
            people = [{"id": "jo", "roles": ["link-worker"]}, {"id": "op", "roles": ["operator"]}]
            return 200, json.dumps(people).encode()
        if target == "/sign-in/token":
            return 200, json.dumps({"access_token": f"token of {json.loads(body)['person']}"}).encode()
        if target.endswith("/operate/api/status"):
            return self.standing(target)
        if target.endswith("/operate/api/parked"):
            return 200, json.dumps(self.aside if "reporting" in target else []).encode()
        if "/operate/api/" in target:
            return 200, json.dumps({**TALLY, "rejects": REJECTS}).encode()
        return 404, b"{}"


@contextmanager
def serving(network: Network) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, content = network.answer(self.command, self.path, body)
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - the base class looks for this name

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        network.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def network() -> Iterator[Network]:
    network = Network()
    with serving(network):
        yield network


def kith(network: Network, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--url", network.url, "--token", "t"])


def test_for_scripts_an_import_prints_its_five_counts_and_nothing_else(network: Network, tmp_path: Path) -> None:
    feed = tmp_path / "feed.json"
    feed.write_text("[]")
    result = kith(network, "import", "activities", str(feed), "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, TALLY)


def test_for_people_it_prints_the_counts_and_why_each_row_was_left_out(network: Network, tmp_path: Path) -> None:
    rejects, files = tmp_path / "rejects.csv", [tmp_path / "rm.csv", tmp_path / "ss.csv"]
    for file in files:
        file.write_text("x")
    result = kith(network, "import", "postcodes", *map(str, files), "--reject-file", str(rejects))
    assert result.exit_code == 0
    assert 'row 2  =cmd()  no "name"' in result.stdout
    lines = rejects.read_text().splitlines()
    assert lines[:3] == ["row,id,reason", '2,\'=cmd(),"no ""name"""', "3,,' +1 is no postcode"]
    assert "\x1b" not in lines[3] + result.output
    (asked,) = network.asked
    assert asked[:2] == ("POST", "/directory/operate/api/postcodes")
    assert (asked[2].count(b'name="files"'), b'filename="ss.csv"' in asked[2]) == (2, True)


def test_the_published_lists_go_to_referral_with_the_sub_icb(network: Network, tmp_path: Path) -> None:
    practices, networks = tmp_path / "epraccur.csv", tmp_path / "ePCN.xlsx"
    practices.write_text("practices")
    networks.write_text("networks")
    words = ["--practices", str(practices), "--networks", str(networks), "--sub-icb", "07G", "--json"]
    assert kith(network, "import", "organisations", *words).exit_code == 0
    ((_, path, body),) = network.asked
    assert path == "/referral/operate/api/organisations"
    assert all(part in body for part in (b'name="practices"', b'name="networks"', b'name="sub_icb"', b"07G"))


def test_staff_are_taken_in_by_both_services_that_work_with_them(network: Network, tmp_path: Path) -> None:
    file = tmp_path / "staff.csv"
    file.write_text("subject,name,role,organisation,email,phone\n")
    result = kith(network, "import", "staff", str(file), "--json")
    assert json.loads(result.stdout) == {count: 2 * number for count, number in TALLY.items()}
    assert [path for _, path, _ in network.asked] == ["/referral/operate/api/staff", "/directory/operate/api/staff"]


def test_a_paged_feed_is_read_whole_and_its_own_question_is_kept(network: Network) -> None:
    def page(target: str) -> Answer:
        number = int(parse_qs(urlsplit(target).query)["page"][0])
        assert parse_qs(urlsplit(target).query)["per_page"] == ["2"]
        return 200, json.dumps({"contents": [{"id": str(number)}], "total_pages": 3}).encode()

    network.pages = page
    assert kith(network, "import", "activities", f"{network.url}/feed?per_page=2", "--json").exit_code == 0
    _, path, body = network.asked[-1]
    assert path == "/directory/operate/api/activities"
    assert b'[{"id": "1"}, {"id": "2"}, {"id": "3"}]' in body


@pytest.mark.parametrize("second", [(500, b""), (200, b"<html>"), (200, b'"text"')])
def test_a_feed_that_breaks_off_is_not_half_imported(network: Network, second: Answer) -> None:
    first = 200, json.dumps({"contents": [{"id": "1"}], "total_pages": 2}).encode()
    network.pages = lambda target: first if "page=1" in target else second
    result = kith(network, "import", "activities", f"{network.url}/feed")
    assert result.exit_code != 0
    assert "nothing was imported" in " ".join(result.stderr.replace("│", " ").split())
    assert not any(method == "POST" for method, _, _ in network.asked)


def test_the_embedded_network_is_found_by_itself(network: Network, tmp_path: Path) -> None:
    with pytest.raises(NotReached, match="make run"):
        find(None, None, tmp_path)
    handed = find(network.url, None, tmp_path)
    assert (handed.url, handed.token) == (network.url, "token of op")


def test_the_status_of_a_network_that_is_ready_ends_with_nought(network: Network) -> None:
    result = kith(network, "status")
    assert (result.exit_code, "Nothing to mend." in result.stdout) == (0, True)
    assert [target for _, target, _ in network.asked] == [f"/{name}/operate/api/status" for name in SERVICES]


def test_the_status_of_a_service_that_is_not_ready_ends_with_one_and_says_what_to_do(network: Network) -> None:
    mend = {"what": "The relay\x1b has not turned", "do": "See that Kafka answers.", "command": "kith status"}
    unready = STANDING | {"ready": False, "troubles": ["the relay does not turn"], "to_mend": [mend]}
    network.standing = lambda target: (200, json.dumps(unready if "directory" in target else STANDING).encode())
    result = kith(network, "status")
    assert result.exit_code == 1
    assert "directory: The relay  has not turned. See that Kafka answers." in result.stdout
    assert kith(network, "status", "--service", "reporting").exit_code == 0
    told = kith(network, "status", "--service", "directory", "--json")
    assert (told.exit_code, json.loads(told.stdout)) == (1, unready)


def test_a_service_that_does_not_answer_is_not_ready_and_the_others_are_shown(network: Network) -> None:
    away = 503, json.dumps({"title": "Away", "detail": "The store does not answer."}).encode()
    network.standing = lambda target: away if "directory" in target else (200, json.dumps(STANDING).encode())
    result = kith(network, "status")
    assert result.exit_code == 1
    assert "The store does not answer." in result.stdout
    assert set(json.loads(kith(network, "status", "--json").stdout)) == set(SERVICES)


def test_of_a_flood_the_list_shows_as_much_as_a_person_looks_through(network: Network) -> None:
    assert "Nothing is put aside." in kith(network, "parked", "list").stdout
    event = {"stream": "place-events", "type": None, "error_class": "", "attempts": 0, "behind": 0}
    at = {"put_aside_at": "2026-11-20T14:02:00Z"}
    network.aside = [event | at | {"id": number, "state": "early"} for number in range(400)]
    network.aside.append(event | at | {"id": 1000, "state": "parked", "error_class": "Unreadable\x1b[31m"})
    said = kith(network, "parked", "list").stdout
    assert said.splitlines()[1].split()[:3] == ["reporting", "1,000", "parked"]
    assert "\x1b" not in said
    assert said.count("early") == 20
    assert "reporting: and 380 more" in said
    assert json.loads(kith(network, "parked", "list", "--service", "reporting", "--json").stdout) == network.aside


def test_where_no_network_answers_the_command_says_so_and_ends_with_one() -> None:
    result = CliRunner().invoke(app, ["parked", "list", "--url", "http://127.0.0.1:1", "--token", "t"])
    assert (result.exit_code, "no answer from http://127.0.0.1:1" in result.stderr) == (1, True)
