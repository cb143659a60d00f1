"""The table of faults plays what it is told to, and does not let a fault that was found pass."""

from random import Random

import pytest

from tests.faults.checker import Fault, Finding, History, Said, judge
from tests.faults.experiment import Experiment, Outcome
from tests.faults.table import experiments, main
from tests.faults.world import World

LOG = [Said("place-events", "K7F", "K7F", number, f"id-{number}", f"id-{number}") for number in (1, 2, 3)]


def history(*, log: list[Said], applied: list[Said]) -> History:
    acknowledged = {("place-events", "K7F"): [said.what for said in LOG]}
    return History([], acknowledged, log, {"reporting": applied})


async def _good(world: World, dice: Random, long: bool) -> Outcome:
    return Outcome(judge(history(log=LOG, applied=LOG)), {"waited_s": 600 if long else dice.random()})


async def _losing(world: World, dice: Random, long: bool) -> Outcome:
    return Outcome(judge(history(log=LOG[:2], applied=LOG[:2])))


async def _falling(world: World, dice: Random, long: bool) -> Outcome:
    raise TimeoutError("nothing came")


GOOD, LOSING, FALLING = (
    Experiment("X1", "good", _good),
    Experiment("X2", "bad", _losing),
    Experiment("X3", "ill", _falling),
)
TOGETHER = Experiment("X4", "one story", all_rounds=lambda seed, n: Outcome([], {"seed": seed, "kills": n}))


def shown(capsys: pytest.CaptureFixture[str], name: str) -> str:
    return next(line for line in capsys.readouterr().out.splitlines() if line.startswith(name))


def test_a_table_without_a_fault_ends_with_nought(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-n", "3", "--seed", "7"], [GOOD]) == 0
    assert "n=3 lost=0 doubled=0 reordered=0 waited_s=" in shown(capsys, "X1")


def test_one_planted_loss_in_one_line_ends_the_table_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-n", "2"], [GOOD, LOSING]) == 1
    line = shown(capsys, "X2")
    assert "lost=2" in line
    assert "NOT OK" in line


def test_a_round_that_ends_in_an_error_is_broken_and_the_others_are_played(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-n", "2"], [FALLING, GOOD]) == 1
    printed = capsys.readouterr().out
    assert "broken=2 NOT OK" in printed
    assert "nothing came" in printed
    assert "X1 " in printed


def test_a_fault_may_be_chosen_and_the_tables_own_waits_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "x1,X4", "-n", "5", "--seed", "7", "--long"], [GOOD, LOSING, TOGETHER]) == 0
    printed = capsys.readouterr().out
    assert "waited_s=600" in printed
    assert "seed=7 kills=5 ok" in printed
    assert "X2" not in printed


def test_a_fault_that_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(SystemExit, match="There is no F99; there are X1"):
        main(["--only", "F99"], [GOOD])


def test_every_fault_of_the_folder_has_its_own_name() -> None:
    names = [one.name for one in experiments()]
    assert len(names) == len(set(names)) > 1


def test_what_a_reader_did_twice_or_left_out_or_did_early_is_found() -> None:
    assert judge(history(log=LOG, applied=LOG)) == []
    assert judge(history(log=[*LOG[:2], *LOG], applied=LOG)) == []
    doubled = judge(history(log=LOG, applied=[*LOG, LOG[0]]))
    assert doubled == [Finding(Fault.DOUBLED, "reporting", "id-1")]
    lost = judge(history(log=LOG, applied=LOG[:2]))
    assert lost == [Finding(Fault.LOST, "reporting", "id-3")]
    early = judge(history(log=LOG, applied=[LOG[0], LOG[2], LOG[1]]))
    assert [finding.fault for finding in early] == [Fault.REORDERED]
