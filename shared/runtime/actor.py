"""Who is asking: the actor that every action and query takes."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a caller may be; a person may hold several."""

    REFERRER = "referrer"
    LINK_WORKER = "link-worker"
    TEAM_LEAD = "team-lead"
    PROVIDER = "provider"
    STEWARD = "steward"
    ANALYST = "analyst"
    OPERATOR = "operator"
    PERSON = "person"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A caller with a subject, roles and organisations (practice and PCN codes, provider ids)."""

    subject: str
    roles: frozenset[Role]
    organisations: frozenset[str] = frozenset()
    purpose: str = "direct-care"
    name: str = ""

    def may(self, *roles: Role) -> bool:
        """Whether the actor holds at least one of the roles."""
        return not self.roles.isdisjoint(roles)


def system(service: str) -> Actor:
    """The service itself: consumers, timers and one-shots act as this."""
    return Actor(subject=f"system:{service}", roles=frozenset({Role.SYSTEM}), purpose="operation")


def person() -> Actor:
    """Anyone at all, without an account: public pages and self-referral."""
    return Actor(subject="public", roles=frozenset({Role.PERSON}))
