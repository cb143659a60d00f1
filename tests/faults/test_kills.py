"""A whole network is killed again and again in the middle of its work: nothing acknowledged is lost, nothing doubled.

KITH_KILLS says how often (3), KITH_SEED repeats a run's dice; when a kill falls is up to the machine as well.
"""

import os
import secrets
from collections.abc import Callable

import pytest

from tests.faults.k01_killed_network import play

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("KITH_KILLS", "3"))


@pytest.fixture
def say(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a line whether the test passes or not: the seed, and what was gone through."""
    reporter = request.config.pluginmanager.getplugin("terminalreporter")
    assert isinstance(reporter, pytest.TerminalReporter)

    def shown(words: str) -> None:
        with capsys.disabled():
            reporter.write_line(f"\n{words}")

    return shown


def test_kills_at_any_moment_lose_nothing_and_double_nothing(say: Callable[[str], None]) -> None:
    seed = int(os.environ.get("KITH_SEED", secrets.randbelow(1_000_000)))
    say(f"{KILLS} kills with KITH_SEED={seed}")
    wrong = play(seed, KILLS, say).findings
    assert not wrong, "\n".join(map(str, wrong))
