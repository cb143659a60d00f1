"""Whose messages a caller may see."""

from shared.runtime.actor import Actor, Role


def sees_the_borough(actor: Actor) -> bool:
    """Team leads see what belongs to no network, since any of them may take it on."""
    return actor.may(Role.TEAM_LEAD)


def networks_of(actor: Actor) -> frozenset[str] | None:
    """The networks whose messages the caller may see; None is all: an operator sees states, no words and no names."""
    return None if actor.may(Role.OPERATOR) else actor.organisations
