"""What a route is given: who calls, when, a transaction for them, the form they sent, and the page to answer with."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from shared.door.doorway import Doorway, doorway_of
from shared.door.forgery import from_elsewhere, is_ours
from shared.door.forms import CARRIED, KEY, TOKEN, VERSION, Form, Typed, open_answers, typed_in, whole_number
from shared.door.once import Answer
from shared.door.problems import Forbidden, Invalid
from shared.door.visit import Visit, visit_of
from shared.runtime.actor import Actor, person
from shared.runtime.clock import now
from shared.runtime.settings import Settings
from shared.runtime.store import BareTx, Tx

SAID_COOKIE = "kith-said"
_SAID_SECONDS = 60


@dataclass(frozen=True, slots=True)
class CallerAtDoor:
    """The caller of one request; routes take it as `caller: Caller`."""

    request: Request
    doorway: Doorway
    visit: Visit
    now: datetime

    @property
    def actor(self) -> Actor:
        """Who calls; the public, where nobody is logged in."""
        return self.visit.actor or person()

    @property
    def settings(self) -> Settings:
        return self.doorway.settings

    def transaction(self) -> AbstractAsyncContextManager[Tx]:
        """A transaction on the caller's behalf; answer only after it."""
        visit = self.visit
        return self.doorway.store.transaction(self.actor, correlation=visit.correlation, traceparent=visit.traceparent)

    def bare(self) -> AbstractAsyncContextManager[BareTx]:
        """The same for an act that is hand-written statements alone."""
        visit = self.visit
        return self.doorway.store.bare(self.actor, correlation=visit.correlation, traceparent=visit.traceparent)

    async def form(self) -> Form:
        """The form that was sent. Refused when it did not come from a page of ours, drawn for this log-in."""
        async with self.request.form() as sent:
            fields = {name: [v for v in sent.getlist(name) if isinstance(v, str)] for name in sent}
        first = {name: values[0] for name, values in fields.items() if values}
        self._refuse_forgery(first.get(TOKEN, ""))
        typed = typed_in(fields)
        self.request.state.typed = typed
        version = whole_number(first.get(VERSION, ""))
        if version is None and first.get(VERSION):
            raise Invalid("The form is not as Kith made it. Open the page again.")
        carried = open_answers(self.doorway.sealer, first.get(CARRIED, ""))
        return Form(typed, first.get(KEY, ""), version, carried, self.request.url.path)

    def page(
        self,
        template: str,
        *,
        status: int = 200,
        errors: Mapping[str, str] | None = None,
        typed: Typed | None = None,
        **model: object,
    ) -> HTMLResponse:
        """A page. With `errors` (field to message) give `typed=form.typed`, so that nothing typed is lost."""
        said = "" if errors else self._confirmed()
        drawn = {"confirm": said, "errors": dict(errors or {}), "typed": typed or Typed(), **model}
        path = self.request.url.path
        html = self.doorway.pages.render(template, self.visit, path=path, now=self.now, **drawn)
        response = HTMLResponse(html, 422 if errors and status == 200 else status)
        if said:
            response.delete_cookie(SAID_COOKIE)
        return response

    def redirect(self, to: str, *, confirm: str | None = None) -> Response:
        """On to the next page (303); `confirm` is shown there once, as what was done and what happens next."""
        response = RedirectResponse(to, status_code=303)
        if confirm:
            sealed = self.doorway.sealer.seal("said", confirm.encode())
            secure = self.doorway.secure
            response.set_cookie(
                SAID_COOKIE, sealed, max_age=_SAID_SECONDS, httponly=True, samesite="lax", secure=secure
            )
        return response

    def answer(self, answer: Answer) -> Response:
        """The answer that `once` gave, as it was given the first time."""
        if answer.location and answer.status == 303:
            return self.redirect(answer.location, confirm=answer.confirm)
        headers = {"location": answer.location} if answer.location else None
        return Response(answer.body, answer.status, headers, media_type="application/json")

    def _confirmed(self) -> str:
        plain = self.doorway.sealer.open("said", self.request.cookies.get(SAID_COOKIE, ""))
        return plain.decode() if plain else ""

    def _refuse_forgery(self, token: str) -> None:
        if from_elsewhere(self.request.headers):
            raise Forbidden("This was sent from another site. Open the page in Kith and send it again.")
        if not is_ours(self.doorway.sealer, self.visit.session, token):
            raise Forbidden("This page was opened before you logged in. Open it again and send it from there.")


def caller_of(request: Request) -> CallerAtDoor:
    """Who makes this request, at this moment."""
    return CallerAtDoor(request, doorway_of(request), visit_of(request.scope), now())


async def _caller(request: Request) -> CallerAtDoor:
    return caller_of(request)


Caller = Annotated[CallerAtDoor, Depends(_caller)]
