"""The one menu of all screens: whichever service draws a page, a person finds the same links in the same order."""

from dataclasses import dataclass

from shared.runtime.actor import Role

LINK_WORKER, TEAM_LEAD, OPERATOR = Role.LINK_WORKER, Role.TEAM_LEAD, Role.OPERATOR


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One link of the menu, for the roles that use it."""

    label: str
    href: str
    roles: frozenset[Role]


def _item(label: str, href: str, *roles: Role) -> MenuItem:
    return MenuItem(label, href, frozenset(roles))


MENU = (
    _item("Your referrals", "/referral/mine", Role.REFERRER),
    _item("Refer", "/referral/new", Role.REFERRER),
    _item("Today", "/referral/today", LINK_WORKER, TEAM_LEAD),
    _item("To decide", "/referral/triage", TEAM_LEAD),
    _item("Cases", "/referral/cases", LINK_WORKER, TEAM_LEAD),
    _item("Overdue", "/referral/overdue", TEAM_LEAD),
    _item("Workload", "/referral/workload", TEAM_LEAD),
    _item("Desk", "/directory/desk", Role.PROVIDER),
    _item("Your room", "/directory/desk/room", Role.PROVIDER),
    _item("Search", "/directory/search", LINK_WORKER, TEAM_LEAD, Role.PROVIDER, Role.REFERRER, Role.STEWARD),
    _item("Letters", "/notifications/letters", LINK_WORKER, TEAM_LEAD),
    _item("Messages", "/notifications/messages", OPERATOR, TEAM_LEAD),
    _item("Funnel", "/reporting/funnel", Role.ANALYST, TEAM_LEAD),
    _item("Referral", "/referral/operate", OPERATOR),
    _item("Directory", "/directory/operate", OPERATOR),
    _item("Notifications", "/notifications/operate", OPERATOR),
    _item("Reporting", "/reporting/operate", OPERATOR),
)
