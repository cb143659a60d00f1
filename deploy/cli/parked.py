"""`kith parked`: events that could not be acted on: look at them, try them again, or set them aside for good."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from deploy.cli.network import Network, SaidNo, find
from deploy.cli.options import AsJson, DryRun, Key, OfService, OneService, Since, Token, Until, Url, chosen, moment
from deploy.cli.showing import ago_of, plain, print_json, print_table
from shared.door.shown import flat

app = typer.Typer(no_args_is_help=True, help="Events that could not be acted on, and what waits behind them.")
HEAD = ("Service", "Id", "State", "Event", "Why", "Tries", "Behind", "Put aside")
REASONS = {
    "waiting": "waits behind an earlier one of its key",
    "early": "waits for what was said of its subject before it; `kith stream republish --key` sends that again",
}
RESULTS = {"acted": "acted on", "failed": "failed", "waits": "waiting", "early": "too early"}
STATES = ("parked", "retrying", "early", "waiting")
AT_ONCE = 20
PATIENCE_S = 10.0
Event = Mapping[str, Any]
Id = Annotated[int, typer.Argument(metavar="ID", help="Its number, from `kith parked list`.")]


@app.command("list")
def list_(service: OneService = None, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """What is put aside, and what needs you first."""
    network = find(url, token)
    said = {name: network.operate("GET", name, "parked") for name in chosen(service)}
    if as_json:
        print_json(said[service.value] if service else said)
        return
    shown = {name: _first(events) for name, events in said.items()}
    print_table(HEAD, (_row(name, event) for name, events in shown.items() for event in events))
    for name, events in said.items():
        if more := len(events) - len(shown[name]):
            typer.echo(f"{name}: and {more} more, in all as `kith status` counts them; --json lists the first 500")
    if not any(said.values()):
        typer.echo("Nothing is put aside.")


def _first(events: Sequence[Event]) -> list[Event]:
    """So many of each state that a person can look at them."""
    return [event for state in STATES for event in [each for each in events if each["state"] == state][:AT_ONCE]]


def _row(service: str, event: Event) -> list[object]:
    why = event["error_class"] or "-"
    facts = [event["id"], event["state"], _name(event), why, event["attempts"], event["behind"]]
    return [service, *facts, ago_of(event["put_aside_at"])]


def _name(event: Event) -> str:
    """The event's type, or what is known instead."""
    unnamed = "not heard here" if event.get("state") == "early" else "not readable"
    return (event["type"] or f"{unnamed}, on {event['stream']}").removeprefix("kith.")


@app.command()
def show(service: OfService, id_: Id, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """One event: its attributes, and its data as far as they keep to the contract. Nothing sealed, nobody's details."""
    said = find(url, token).operate("GET", service.value, f"parked/{id_}")
    if as_json:
        print_json(said)
        return
    event, shown = said["event"], said["shown"]
    print_table(("", ""), _facts(event))
    for fault in shown["faults"]:
        typer.echo(f"Breaks its contract at {plain(fault)}")
    if shown["words"]:
        typer.echo(shown["words"])
    print_table(("Attribute", ""), shown["attributes"].items())
    print_table(("Data", ""), flat(shown["data"] or {}))


def _facts(event: Event) -> Iterator[tuple[str, str]]:
    yield "State", event["state"]
    yield "Why", event["error_class"] or REASONS.get(event["state"], "it is being tried")
    yield "Tries", str(event["attempts"])
    yield "Key", event["key"]
    yield "Place", f"{event['stream']}, partition {event['partition']}, offset {event['position']}"
    yield "Put aside", ago_of(event["put_aside_at"])


@app.command()
def redrive(service: OfService, id_: Id, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Try it again now; what waits behind it follows in order. Ends with 1 when it fails again."""
    network, one = find(url, token), f"parked/{id_}"
    was = network.operate("GET", service.value, one)["event"]
    print_json(network.operate("POST", service.value, f"{one}/redrive"))
    if as_json:
        return
    if was["state"] == "early":
        typer.echo("It does not wait any longer for what is missing: its turn comes now.")
        return
    event = _tried(network, service.value, id_)
    if event and event["attempts"]:
        raise SaidNo(f"it failed again: {plain(event['error_class'])}. See `kith parked show {service.value} {id_}`")
    typer.echo("Its turn has not come yet: see `kith parked list`." if event else "It was acted on.")


def _tried(network: Network, service: str, id_: int) -> Event | None:
    """The event once it was tried; None when it was acted on and is gone."""
    until = time.monotonic() + PATIENCE_S
    while True:
        found = [event for event in network.operate("GET", service, "parked") if event["id"] == id_]
        if not found or found[0]["attempts"] or time.monotonic() > until:
            return found[0] if found else None
        time.sleep(0.2)


@app.command()
def replay(
    service: OfService,
    ids: Annotated[list[int] | None, typer.Option("--id", help="Its number; may be given several times.")] = None,
    stream: Annotated[str | None, typer.Option(help="Of this stream alone.")] = None,
    key: Key = None,
    since: Since = None,
    until: Until = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is put aside.")] = False,
    dry_run: DryRun = False,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Try many again, with what waits behind each, in order. Times say when they were put aside. Ends with 1 when one
    fails again; a dry run really tries each, takes it back, and says what would come of it."""
    if not (ids or stream or key or since or until or everything):
        raise typer.BadParameter("say which: --id, --stream, --key, --since, --until or --all")
    which = {"ids": ids, "stream": stream, "key": key, "since": moment(since), "until": moment(until)}
    body = which | {"dry_run": dry_run}
    outcomes: list[Event] = find(url, token).operate("POST", service.value, "replay", json=body)
    if as_json:
        print_json(outcomes)
    else:
        _tell(outcomes, dry_run=dry_run)
    if not dry_run and any(each["result"] == "failed" for each in outcomes):
        raise typer.Exit(1)


def _tell(outcomes: Sequence[Event], *, dry_run: bool) -> None:
    rows = [[each["id"], _name(each), RESULTS[each["result"]], each["error"] or "-"] for each in outcomes]
    print_table(("Id", "Event", "Would be" if dry_run else "Result", "Why"), rows)
    count = Counter(each["result"] for each in outcomes)
    said = ", ".join(f"{count[result]:,} {words}" for result, words in RESULTS.items() if count[result])
    typer.echo(f"{said or 'Nothing chosen'}." + (" Nothing was changed." if dry_run else ""))


@app.command()
def discard(
    service: OfService,
    id_: Id,
    reason: Annotated[str, typer.Option(help="Why it is never to be acted on; it is kept. Name nobody.")],
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Never act on it; what waits behind it follows in order."""
    said = find(url, token).operate("POST", service.value, f"parked/{id_}/discard", json={"reason": reason})
    print_json(said)
    if not as_json:
        typer.echo("It is discarded, and the reason is kept. What waited behind it follows in order.")
