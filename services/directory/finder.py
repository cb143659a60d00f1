"""How a route reaches this worker's search index."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from services.directory.actions.finding import Finder


def give_finder(app: FastAPI) -> None:
    """Hang a finder on the app; its index is made with the first search."""
    app.state.finder = Finder()


def _finder(request: Request) -> Finder:
    found: Finder = request.app.state.finder
    return found


Searching = Annotated[Finder, Depends(_finder)]
