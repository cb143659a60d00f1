"""All the link worker's pages: the day, the caseload and everything on a case."""

from services.referral.pages import (
    case,
    closing,
    contact,
    history,
    outcomes,
    plan,
    prescribe,
    requests,
    sessions,
    today,
)

CASE_PAGES = tuple(
    page.router for page in (today, case, contact, sessions, plan, outcomes, prescribe, requests, history, closing)
)
