"""`kith status`: how the network stands, and what there is to mend."""

from collections.abc import Mapping
from typing import Any

import typer

from deploy.cli.network import Network, SaidNo, find
from deploy.cli.options import AsJson, OneService, Token, Url, chosen
from deploy.cli.showing import plain, print_json, print_table, seconds

HEAD = ("Service", "Ready", "Unsent", "Unread", "Parked", "Trying", "Behind", "Early", "Timers")
COUNTED = ("parked", "retrying", "waiting", "early", "timers_due")
Standing = Mapping[str, Any]


def status(service: OneService = None, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """How each service stands, what is wrong and what to do. Ends with 1 when a service is not ready."""
    network = find(url, token)
    said = {name: standing(network, name) for name in chosen(service)}
    if as_json:
        print_json(said[service.value] if service else said)
    else:
        print_table(HEAD, (_row(name, one) for name, one in said.items()))
        for name, one in said.items():
            _to_mend(name, one)
        if not any(one["to_mend"] or one["troubles"] for one in said.values()):
            typer.echo("Nothing to mend.")
    if not all(one["ready"] for one in said.values()):
        raise typer.Exit(1)


def standing(network: Network, service: str) -> Standing:
    """What the service says of itself; one that does not answer is not ready."""
    try:
        found: Standing = network.operate("GET", service, "status")
        return found
    except SaidNo as error:
        return {"ready": False, "troubles": [str(error)], "to_mend": []}


def _row(service: str, one: Standing) -> list[object]:
    if "streams" not in one:
        return [service, False, *["?"] * (len(HEAD) - 2)]
    lags = [stream["lag"] for stream in one["streams"]]
    unread = "?" if None in lags else sum(lags)
    unsent = f"{one['outbox_depth']:,}" + (f", {seconds(one['outbox_age_s'])}" if one["outbox_depth"] else "")
    return [service, one["ready"], unsent, unread, *(one[name] for name in COUNTED)]


def _to_mend(service: str, one: Standing) -> None:
    for each in one["to_mend"]:
        typer.echo(f"{service}: {plain(each['what'])}. {plain(each['do'])}\n  {plain(each['command'])}")
    if not one["to_mend"]:
        for trouble in one["troubles"]:
            typer.echo(f"{service}: {plain(trouble)}")
