"""What a place or a way of taking part offers people who need it: the codes of a listing, and their words."""

ACCESSIBILITY = {
    "step-free": "Step-free",
    "accessible-toilet": "Accessible toilet",
    "changing-places": "Changing Places toilet",
    "parking": "Accessible parking",
    "hearing-loop": "Hearing loop",
    "bsl": "British Sign Language",
    "easy-read": "Easy read",
    "large-print": "Large print",
    "quiet": "Quiet space",
    "assistance-dogs": "Assistance dogs welcome",
    "carer-welcome": "Carers welcome",
    "transport-help": "Help with transport",
    "online": "Online",
    "by-phone": "By phone",
    "home-visit": "Home visits",
}


def in_words(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(ACCESSIBILITY.get(code, code) for code in codes)
