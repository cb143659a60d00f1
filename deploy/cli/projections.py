"""`kith projection`: what is derived from the log alone, and making it anew."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import typer

from deploy.cli.network import Network, find
from deploy.cli.options import AsJson, OfService, OneService, Token, Url, chosen
from deploy.cli.showing import follow, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="What is derived from the log alone.")
HEAD = ("Service", "Projection", "Heard", "Of", "State")


@app.command("list")
def list_(service: OneService = None, url: Url = None, token: Token = None, as_json: AsJson = False) -> None:
    """Every projection, and how far it was heard since it was last begun anew."""
    network = find(url, token)
    said = {name: network.operate("GET", name, "projections") for name in chosen(service)}
    if as_json:
        print_json(said[service.value] if service else said)
    else:
        print_table(HEAD, (_row(name, each) for name, found in said.items() for each in found))


def _row(service: str, each: Mapping[str, Any]) -> list[object]:
    return [service, each["name"], each["done"], each["total"], "being rebuilt" if each["running"] else "whole"]


@app.command()
def rebuild(
    service: OfService,
    name: Annotated[str, typer.Argument(help="Its name, from `kith projection list`.")],
    part: Annotated[bool, typer.Option("--partial", help="Though the log no longer begins at its beginning.")] = False,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Clear a projection and hear its streams anew; it goes on by itself when this is left, or anything is killed."""
    network = find(url, token)
    print_json(network.operate("POST", service.value, f"projections/{name}/rebuild", json={"partial": part}))
    if not as_json:
        title = f"{service.value}: {name}"
        follow(
            {title: _far(network, service.value, name)["total"]}, partial(_heard, network, service.value, name, title)
        )
        typer.echo("It is rebuilt.")


def _far(network: Network, service: str, name: str) -> Mapping[str, Any]:
    found: list[Mapping[str, Any]] = network.operate("GET", service, "projections")
    return next(each for each in found if each["name"] == name)


def _heard(network: Network, service: str, name: str, title: str) -> dict[str, tuple[int, bool]]:
    now = _far(network, service, name)
    return {title: (now["done"], not now["running"])}
