"""How a message's words stand in an email: plain text, the sender named at top and foot."""

from services.notifications.domain.telling import Audience
from services.notifications.domain.words import Matter, Words, team

FORMATS = "You can ask us for this in large print, easy read or another language."


def email_text(words: Words, audience: Audience, matter: Matter, name: str) -> str:
    """The whole text of an email to somebody called `name`."""
    parts = [f"Hello {name}," if name else "Hello,", words.heading, *words.says]
    if words.to_do:
        parts += ["What to do", "\n".join(f"- {step}" for step in words.to_do)]
    if words.link:
        parts.append(f"Log in to see more: {words.link}")
    return "\n\n".join([*parts, *_foot(audience, matter)]) + "\n"


def _foot(audience: Audience, matter: Matter) -> tuple[str, ...]:
    if audience is Audience.PERSON:
        said = (f"Your reference is {matter.reference}. Say it when you talk to us.",) if matter.reference else ()
        return (*said, FORMATS, f"From {team(matter)}")
    return ("From Kith, for your local social prescribing network. Nobody reads answers to this address.",)
