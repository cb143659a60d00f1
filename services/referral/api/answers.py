"""How a referral that cannot be made is answered to a program."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.referral.domain.intake import Incomplete
from services.referral.domain.open_referral import AlreadyOpen, Told
from shared.door.problems import Conflict, Invalid


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Incomplete is 422 with a message to each field; an open referral is 409 with what the caller may know of it."""
    try:
        yield
    except Incomplete as error:
        raise Invalid(str(error), fields=error.problems) from error
    except AlreadyOpen as error:
        more = _told(error.told)
        raise Conflict(str(error), title="This person has an open referral", kind="open-referral", **more) from error


def _told(told: Told) -> dict[str, str]:
    said = {
        "certainty": "is" if told.certain else "may-be",
        "ask": told.ask,
        "reference": told.reference,
        "referral_status": told.status,
        "link_worker": told.link_worker_name,
    }
    return {name: str(value) for name, value in said.items() if value}
