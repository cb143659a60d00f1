"""The read-me files lead to what is there, and name everything that can be set."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.mark.parametrize("name", ["README.md", "deploy/README.md"])
def test_every_link_to_a_file_leads_somewhere(name: str) -> None:
    page = ROOT / name
    missing = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert missing == []


def test_everything_that_the_compose_file_lets_one_set_is_explained() -> None:
    settable = set(re.findall(r"\$\{(KITH_[A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    explained = set(re.findall(r"`(KITH_[A-Z_]+)`", (ROOT / "deploy/README.md").read_text()))
    assert settable <= explained
