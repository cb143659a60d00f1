"""Every page there is: its path, who opens it, and with what. A page that is not here fails a test."""

from dataclasses import dataclass

from deploy.databases import SERVICES

REFERRER, WORKER, LEAD = "referrer", "link-worker", "team-lead"
PROVIDER, ANALYST, OPERATOR = "provider", "analyst", "operator"
CASE = "/referral/cases/{reference}"
REQUEST = "/directory/desk/requests/{reference}"


@dataclass(frozen=True)
class Page:
    """`things`: the world's cases, requests, listings or letters that show its states, where the path names one.

    `empty`: what it says in a network where nothing has happened yet; `lands`: where it leads when it shows nothing.
    """

    path: str
    who: str | None = None
    things: tuple[str, ...] = ()
    empty: str = ""
    lands: str = ""


def _case(path: str, *things: str) -> Page:
    return Page(CASE + path, WORKER, things)


PAGES = (
    # The public
    Page("/"),
    Page("/help"),
    Page("/accessibility"),
    Page("/sign-in"),
    Page("/referral/self"),
    Page("/referral/self/sent"),
    Page("/referral/self/{name}", lands="/referral/self"),
    Page("/directory/search"),
    Page("/directory/search?words=singing", empty="0 results for ‘singing’"),
    Page("/directory/activities/{reference}", None, ("listing", "withdrawn")),
    Page("/notifications/mailbox", empty="No message has been sent yet."),
    Page("/notifications/mailbox/{number}"),
    # Referrer
    Page("/referral/new", REFERRER),
    Page("/referral/new/{name}", REFERRER, lands="/referral/new"),
    Page("/referral/mine", REFERRER, empty="You have not referred anyone yet."),
    Page("/referral/mine/{reference}", REFERRER, ("waiting", "new", "worked", "closed")),
    Page("/referral/mine/{reference}/sent", REFERRER, ("waiting",)),
    # Team lead
    Page("/referral/triage", LEAD, empty="Nobody is waiting for a decision."),
    Page("/referral/triage?network=borough", LEAD),
    Page("/referral/triage/{reference}", LEAD, ("waiting", "new")),
    Page("/referral/workload", LEAD, empty="There is no link worker in your networks yet."),
    Page("/referral/today", LEAD, empty="Nothing is owed today."),
    Page("/referral/overdue", LEAD, empty="Every group has answered"),
    Page("/referral/cases", LEAD, empty="No cases yet."),
    Page("/notifications/messages", LEAD, empty="There are no messages in this state."),
    Page("/reporting/funnel", LEAD, empty="No referrals were made in this time."),
    # Link worker
    Page("/referral/today", WORKER, empty="Nothing is owed today."),
    Page("/referral/cases", WORKER, empty="No cases yet."),
    Page("/referral/cases?status=active", WORKER, empty="No cases yet."),
    _case("", "new", "asked", "worked", "declined", "closed"),
    _case("/contact", "new"),
    _case("/sessions", "new", "worked", "closed"),
    _case("/sessions/book", "new"),
    _case("/sessions/{number}", "new", "worked"),
    _case("/plan", "new", "worked"),
    _case("/plan?print=large", "worked"),
    _case("/plan/change", "new", "worked"),
    _case("/outcomes", "new", "worked", "closed"),
    _case("/prescribe", "new"),
    _case("/requests", "new", "asked", "accepted", "waitlisted", "asking", "declined"),
    _case("/requests/{request}/withdraw", "asked", "declined"),
    _case("/unmet", "new"),
    _case("/history", "new", "worked", "closed"),
    _case("/close", "new", "asked"),
    Page("/notifications/letters", WORKER, empty="There are no letters to print."),
    Page("/notifications/letters/{reference}", LEAD, ("letter",)),
    # Provider
    Page("/directory/desk", PROVIDER, empty="No one is waiting for your answer."),
    Page("/directory/desk/room", PROVIDER, empty="You have no activity in the directory."),
    Page(REQUEST, PROVIDER, ("asked", "accepted", "waitlisted", "asking", "declined", "worked")),
    Page(REQUEST + "/attendance", PROVIDER, ("accepted", "worked", "asked")),
    Page(REQUEST + "/end", PROVIDER, ("accepted", "worked", "asked")),
    # Analyst and operator
    Page("/reporting/funnel", ANALYST, empty="No referrals were made in this time."),
    Page("/reporting/funnel?group=social-connection", ANALYST, empty="No referrals were made in this time."),
    *(Page(f"/{service}/operate", OPERATOR, empty="Nothing is put aside.") for service in SERVICES),
    *(Page(f"/{service}/operate/parked/{{id_}}", OPERATOR, lands=f"/{service}/operate") for service in SERVICES),
    Page("/notifications/messages", OPERATOR, empty="There are no messages in this state."),
    *(Page(f"/{service}/{contract}") for service in SERVICES for contract in ("openapi", "asyncapi")),
)
LEADS_AWAY = {"/referral/leave"}
"""The way out of the network: walked in a test of its own."""
