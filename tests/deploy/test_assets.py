"""The set-up step takes the style sheet of NHS.UK frontend without its fonts and without a host of the NHS."""

import pytest

from deploy.embedded.assets import ASSETS, AssetsMissing, ours
from tests.needs import need

THEIRS = (
    "a{font-family:Frutiger W01,arial,sans-serif}@font-face{font-family:Frutiger W01;src:url(https://assets.nhs.uk/f)}"
    "b{background:url(/assets/images/nhsuk-icon-cross.svg)}"
    "/*# sourceMappingURL=x.map */"
)


def test_fonts_and_hosts_are_cut_and_icons_lie_beside() -> None:
    assert ours(THEIRS).split() == ["a{font-family:arial,sans-serif}b{background:url(nhsuk-icon-cross.svg)}"]


def test_a_style_sheet_that_still_asks_another_host_is_refused() -> None:
    with pytest.raises(AssetsMissing):
        ours("a{background:url(https://assets.nhs.uk/x.svg)}")


def test_what_was_built_asks_nobody() -> None:
    need(ASSETS.is_dir(), "no assets: python -m deploy.embedded.assets")
    text = (ASSETS / "nhsuk-frontend.min.css").read_text()
    assert "http" not in text
    assert "Frutiger" not in text
