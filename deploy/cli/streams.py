"""`kith stream`: what each service hears and how far, sending a window again, and reading from elsewhere."""

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import typer

from deploy.cli.network import Network, find
from deploy.cli.options import AsJson, DryRun, Key, OfService, OneService, Since, Token, Until, Url, chosen, moment
from deploy.cli.showing import ago_of, follow, print_json, print_table, said_at, seconds
from shared.events.streams import STREAMS

app = typer.Typer(no_args_is_help=True, help="The streams between the services.")
HEAD = ("Service", "Hears", "State", "Unread", "Last moved", "Standing")


class Where(StrEnum):
    """Where to read on."""

    BEGINNING = "beginning"
    END = "end"


@app.command("list")
def list_(service: OneService = None, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Every stream that a service hears, and how far it has come."""
    network = find(url, token)
    said = {name: network.operate("GET", name, "status")["streams"] for name in chosen(service)}
    if as_json:
        print_json(said[service.value] if service else said)
    else:
        print_table(HEAD, (_row(name, stream) for name, streams in said.items() for stream in streams))


def _row(service: str, stream: Mapping[str, Any]) -> list[object]:
    unread = "?" if stream["lag"] is None else stream["lag"]
    stands = seconds(stream["stuck_s"]) if stream["lag"] else "-"
    return [service, stream["stream"], stream["state"], unread, ago_of(stream["last_progress"]), stands]


@app.command()
def republish(
    since: Since = None,
    until: Until = None,
    stream: Annotated[str | None, typer.Option(help="Of this stream alone.")] = None,
    key: Key = None,
    service: OneService = None,
    dry_run: DryRun = False,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Send again what was sent; readers drop what they know. For a broker that has lost its disk."""
    if not (since or until or stream or key):
        raise typer.BadParameter("say what: --since, --until, --stream or --key")
    network = find(url, token)
    window = {"since": moment(since), "until": moment(until), "stream": stream, "key": key, "dry_run": dry_run}
    services = [service.value] if service else speakers(stream)
    said = {name: network.operate("POST", name, "republish", json=window) for name in services}
    if as_json:
        print_json(said[services[0]] if len(services) == 1 else said)
    elif dry_run:
        print_table(("Service", "Would go", "Kept since"), (_planned(name, plan) for name, plan in said.items()))
    else:
        follow({f"{name}: sent again": job["total"] for name, job in said.items()}, partial(_sent, network, said))


@app.command()
def restart(
    service: OfService,
    stream: Annotated[str, typer.Argument(help="The stream that it hears.")],
    where: Annotated[Where, typer.Option("--from", help="The beginning or the end of what the broker has.")],
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Read on from elsewhere, past what the broker has lost. What was heard is not acted on again."""
    path = f"streams/{stream}/restart"
    print_json(find(url, token).operate("POST", service.value, path, json={"where": where.value}))
    if not as_json:
        typer.echo(f"{service.value} reads {stream} from the {where.value}: see `kith stream list`.")


def speakers(stream: str | None) -> list[str]:
    """Who sends a stream; everybody, when none is named."""
    return [each.owner for each in STREAMS if each.name == stream] or chosen(None)


def _planned(service: str, plan: Mapping[str, Any]) -> list[object]:
    kept = plan["kept_since"]
    return [service, plan["total"], said_at(kept) if kept else "nothing is kept"]


def _sent(network: Network, jobs: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[int, bool]]:
    """How far each job has come, and whether it is done."""
    found = {}
    for name, job in jobs.items():
        (now,) = (each for each in network.operate("GET", name, "republish") if each["id"] == job["id"])
        found[f"{name}: sent again"] = now["sent"], now["done_at"] is not None
    return found
