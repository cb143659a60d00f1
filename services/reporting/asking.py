"""What may be asked in an address, the same for the page, the file and the API; and who may ask."""

from typing import Annotated

from fastapi import Depends, Query

from services.reporting.actions.report import Question
from shared.door.guard import allow
from shared.runtime.actor import Role

READERS = allow(Role.ANALYST, Role.TEAM_LEAD)


def asked_question(
    first: Annotated[str, Query(alias="from", max_length=10)] = "",
    last: Annotated[str, Query(alias="to", max_length=10)] = "",
    pcn: Annotated[str, Query(max_length=20)] = "",
    group: Annotated[str, Query(max_length=40)] = "",
) -> Question:
    """The filters; days as ISO dates, `pcn` an ODS code, `group` a reason group's code; "" is no filter."""
    return Question(first, last, pcn, group)


Asked = Annotated[Question, Depends(asked_question)]
