"""What the commands have in common: which network and service, JSON for scripts, and how the network's no is said."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from deploy.cli.network import SaidNo
from shared.runtime.clock import LONDON


class Service(StrEnum):
    """The four services."""

    REFERRAL = "referral"
    DIRECTORY = "directory"
    NOTIFICATIONS = "notifications"
    REPORTING = "reporting"


Url = Annotated[str | None, typer.Option(envvar="KITH_URL", help="The network; the embedded one when not given.")]
Token = Annotated[str | None, typer.Option(envvar="KITH_TOKEN", help="An operator's token for it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what the network said as JSON, for scripts.")]
OneService = Annotated[Service | None, typer.Option("--service", help="This one; all four when not given.")]
OfService = Annotated[Service, typer.Argument(help="The service that it belongs to.")]
Since = Annotated[str | None, typer.Option(help="From this moment on: 2026-11-20T14:30, London time unless it says.")]
Until = Annotated[str | None, typer.Option(help="Before this moment.")]
Key = Annotated[str | None, typer.Option(help="Of this key alone, for example one referral's id.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]


class Commands(TyperGroup):
    """A group of commands that ends with 1 and a sentence when the network says no; wrong usage ends with 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SaidNo as error:
            typer.echo(f"kith: {error}", err=True)
            raise typer.Exit(1) from error


def chosen(service: Service | None) -> list[str]:
    """The services that were asked for."""
    return [service.value] if service else [each.value for each in Service]


def moment(text: str | None) -> str | None:
    """A moment as people type it, for an API; a time without an offset is London's."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no moment; write 2026-11-20T14:30") from error
    return (given if given.tzinfo else given.replace(tzinfo=LONDON)).isoformat()
