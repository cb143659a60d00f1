"""The front of Kith: the first page, help, accessibility, and the way out."""

from fastapi import Response
from fastapi.responses import RedirectResponse

from shared.door.caller import Caller
from shared.door.guard import door, public
from shared.runtime.actor import Role

router = door("referral")

# What each role is owed first; the first that a person holds decides.
LANDING = (
    (Role.LINK_WORKER, "/referral/today"),
    (Role.TEAM_LEAD, "/referral/triage"),
    (Role.REFERRER, "/referral/mine"),
    (Role.PROVIDER, "/directory/desk"),
    (Role.STEWARD, "/directory/search"),
    (Role.ANALYST, "/reporting/funnel"),
    (Role.OPERATOR, "/referral/operate"),
)
ELSEWHERE = "https://www.bbc.co.uk/weather"


@router.get("/", dependencies=[public()], include_in_schema=False)
async def home(caller: Caller) -> Response:
    """Everybody who works here goes to what they owe; everybody else is told what Kith is."""
    landing = next((path for role, path in LANDING if caller.actor.may(role)), None)
    return caller.redirect(landing) if landing else caller.page("referral/front/home.html")


@router.get("/help", dependencies=[public()], include_in_schema=False)
async def help_page(caller: Caller) -> Response:
    return caller.page("referral/front/help.html")


@router.get("/accessibility", dependencies=[public()], include_in_schema=False)
async def accessibility(caller: Caller) -> Response:
    return caller.page("referral/front/accessibility.html")


@router.get("/referral/leave", dependencies=[public()], include_in_schema=False)
async def leave() -> Response:
    """Away, quickly: what the browser kept of these pages is dropped, and the next site does not learn where from."""
    headers = {"clear-site-data": '"cache", "storage"', "referrer-policy": "no-referrer", "cache-control": "no-store"}
    return RedirectResponse(ELSEWHERE, status_code=303, headers=headers)
