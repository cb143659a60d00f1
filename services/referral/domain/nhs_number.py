"""The NHS number: ten digits, the last a check on the others, and never one digit ten times."""

import re

WEIGHTS = range(10, 1, -1)


def tidy(text: str) -> str:
    """The digits alone: people write spaces and dashes between them."""
    return re.sub(r"[\s\-‐-―]", "", text)


def is_valid(number: str) -> bool:
    """Modulus 11 (NHS Data Dictionary), comparing the derived check digit; the ten repeated-digit numbers pass that
    check and are refused all the same."""
    if not re.fullmatch(r"[0-9]{10}", number) or len(set(number)) == 1:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:9], WEIGHTS, strict=True))
    check = 11 - total % 11
    return (0 if check == 11 else check) == int(number[9])


def spaced(number: str) -> str:
    """As people read it: 999 000 0018."""
    return f"{number[:3]} {number[3:6]} {number[6:]}"
