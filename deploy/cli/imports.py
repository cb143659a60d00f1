"""`kith import`: bring published files into a network. An import is whole or does not happen."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.cli.network import Network, SaidNo, find
from deploy.cli.options import AsJson, Token, Url

app = typer.Typer(no_args_is_help=True, help="Bring published files into the network.")
FORMULA = ("=", "+", "-", "@")
REJECT = ("row", "id", "reason")
COUNTS = ("read", "added", "changed", "unchanged", "rejected")
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
RejectFile = Annotated[Path | None, typer.Option(help="Write the rejected rows and why to this file.")]


@contextmanager
def _progress(words: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Shows that work goes on, and what is being done now; gives the way to say so."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        task = progress.add_task(words, total=None)
        yield lambda now: progress.update(task, description=now)


def _send(network: Network, path: str, files: list[tuple[str, Path]], **form: str) -> dict[str, Any]:
    with ExitStack() as stack:
        parts = [(field, (file.name, stack.enter_context(file.open("rb")))) for field, file in files]
        tally: dict[str, Any] = network.call("POST", path, files=parts, data=form)
    return tally


def _sum(tallies: list[dict[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {count: sum(tally[count] for tally in tallies) for count in COUNTS}
    total["rejects"] = [reject for tally in tallies for reject in tally.get("rejects", [])]
    return total


def _report(tally: dict[str, Any], *, as_json: bool, reject_file: Path | None) -> None:
    rejects = tally.get("rejects", [])
    if reject_file:
        with reject_file.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([REJECT, *([_cell(text) for text in _plain(reject)] for reject in rejects)])
    if as_json:
        typer.echo(json.dumps({count: tally[count] for count in COUNTS}))
        return
    table = Table(*(count.capitalize() for count in COUNTS))
    table.add_row(*(f"{tally[count]:,}" for count in COUNTS))
    Console().print(table)
    for reject in rejects[:20]:
        row, *said = _plain(reject)
        typer.echo("  ".join([f"row {row}", *said]))
    if len(rejects) > 20:
        typer.echo(f"… and {len(rejects) - 20} more; --reject-file writes them all")


def _plain(reject: dict[str, Any]) -> list[str]:
    """A rejected row as texts that no terminal takes for a command: they are quoted from files that others made."""
    return ["".join(c if c.isprintable() else " " for c in str(reject[name])) for name in REJECT]


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


@app.command()
def organisations(
    practices: Annotated[Path, typer.Option(exists=True, help="epraccur.csv")],
    networks: Annotated[Path, typer.Option(exists=True, help="ePCN.xlsx")],
    sub_icb: Annotated[str, typer.Option(help="The sub-ICB's code, such as 07G")],
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
    reject_file: RejectFile = None,
) -> None:
    """GP practices and primary care networks, from the NHS Organisation Data Service."""
    network = find(url, token)
    files = [("practices", practices), ("networks", networks)]
    with _progress("Reading practices and networks", quiet=as_json):
        tally = _send(network, "/referral/operate/api/organisations", files, sub_icb=sub_icb)
    _report(tally, as_json=as_json, reject_file=reject_file)


@app.command()
def activities(
    source: Annotated[str, typer.Argument(help="A file, or the address of an Open Referral UK services page")],
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
    reject_file: RejectFile = None,
) -> None:
    """What the community offers, as Open Referral UK publishes it (1.x and 3.0)."""
    network = find(url, token)
    with _progress("Reading activities", quiet=as_json) as say:
        body = _feed(source, say) if source.startswith(("http://", "https://")) else _bytes(Path(source))
        say("Taking in activities")
        tally = network.call("POST", "/directory/operate/api/activities", files=[("file", ("activities.json", body))])
    _report(tally, as_json=as_json, reject_file=reject_file)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise typer.BadParameter(f"there is no file {path}")
    return path.read_bytes()


def _feed(address: str, say: Callable[[str], None]) -> bytes:
    """All pages of a feed as one bare array; the feed says itself how many there are."""
    services: list[Any] = []
    page, pages = 1, 1
    with httpx.Client(timeout=60, follow_redirects=True) as client:
        while page <= pages:
            say(f"Reading activities, page {page}" + (f" of {pages}" if pages > 1 else ""))
            body = _page(client, httpx.URL(address).copy_set_param("page", page))
            if isinstance(body, list):
                return json.dumps(body).encode()
            services += body.get("contents") or body.get("content") or []
            pages = int(body.get("total_pages") or body.get("totalPages") or 1)
            page += 1
    return json.dumps(services).encode()


def _page(client: httpx.Client, address: httpx.URL) -> Any:
    """One page of a feed: a JSON list or object."""
    try:
        answer = client.get(address)
        if answer.is_error:
            raise SaidNo(f"{address}: HTTP {answer.status_code}; nothing was imported")
        body = answer.json()
    except httpx.TransportError as error:
        raise SaidNo(f"no answer from {address}: {error}; nothing was imported") from error
    except ValueError as error:
        raise SaidNo(f"{address} is not JSON; nothing was imported") from error
    if not isinstance(body, list | dict):
        raise SaidNo(f"{address} is no list of services and no page of one; nothing was imported")
    return body


@app.command()
def postcodes(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, readable=True)],
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
    reject_file: RejectFile = None,
) -> None:
    """Where postcodes are, from OS Code-Point Open."""
    network = find(url, token)
    with _progress(f"Reading {len(files)} files of postcodes", quiet=as_json):
        tally = _send(network, "/directory/operate/api/postcodes", [("files", file) for file in files])
    _report(tally, as_json=as_json, reject_file=reject_file)


@app.command()
def staff(
    file: File,
    url: Url = None,
    token: Token = None,
    as_json: AsJson = False,
    reject_file: RejectFile = None,
) -> None:
    """Link workers, team leads, referrers and providers' people: each service takes those it works with."""
    network = find(url, token)
    with _progress("Reading staff", quiet=as_json):
        paths = ("/referral/operate/api/staff", "/directory/operate/api/staff")
        tallies = [_send(network, path, [("file", file)]) for path in paths]
    _report(_sum(tallies), as_json=as_json, reject_file=reject_file)
