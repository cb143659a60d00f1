"""`kith`: the operator's command. It speaks HTTP to a network's services, embedded or far away."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli import imports, parked, projections, standing, streams
from deploy.cli.options import Commands
from deploy.identity import secrets, tokens
from shared.runtime.actor import Role

app = typer.Typer(no_args_is_help=True, cls=Commands, pretty_exceptions_show_locals=False, help=__doc__)
app.command()(standing.status)
app.add_typer(streams.app, name="stream")
app.add_typer(parked.app, name="parked")
app.add_typer(projections.app, name="projection")
app.add_typer(imports.app, name="import")
keys = typer.Typer(no_args_is_help=True, help="The network's own keys and passwords.")
app.add_typer(keys, name="secrets")


@keys.command("make")
def make_secrets(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder")],
    database_host: Annotated[str, typer.Option(help="Where the services find PostgreSQL")] = "postgres:5432",
) -> None:
    """Make all keys and passwords of a network as files, once."""
    try:
        names = secrets.make(folder, database_host)
    except secrets.AlreadyThere as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(f"{len(names)} files in {folder}. Keep a copy where only you can read it.")


@app.command()
def token(
    role: Annotated[list[Role], typer.Option(help="May be given several times")],
    key: Annotated[Path, typer.Option(exists=True, help="signing_key.json of the network's secrets")],
    organisation: Annotated[list[str] | None, typer.Option(help="Practice, PCN or provider; may be repeated")] = None,
    subject: Annotated[str, typer.Option(help="Who the token is for")] = "operator",
    name: Annotated[str, typer.Option(help="Their name, as colleagues see it")] = "",
    issuer: Annotated[str, typer.Option(envvar="KITH_ISSUER")] = "https://kith.invalid/own-keys",
    seconds: Annotated[int, typer.Option(min=1, max=86_400)] = 600,
) -> None:
    """Mint a token from the network's own key, until an identity provider is configured."""
    typer.echo(
        tokens.mint(
            key,
            issuer=issuer,
            subject=subject,
            roles=role,
            organisations=organisation or [],
            name=name,
            seconds=seconds,
        )
    )


def main() -> None:
    """The entry of `.venv/bin/kith`."""
    app(prog_name="kith")


if __name__ == "__main__":
    main()
