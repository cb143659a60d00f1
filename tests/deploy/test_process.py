"""A process is ended only when it is surely ours, and never started where it would die with a passing thread."""

from __future__ import annotations

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.embedded import folder
from deploy.embedded.jars import UnknownJar, check, known
from deploy.embedded.postgres import LONGEST_SOCKET, Postgres
from deploy.embedded.process import EngineFailed, birth, end, run, spawn, stop


@pytest.fixture
def sleeper(tmp_path: Path) -> subprocess.Popen[bytes]:
    return spawn(["sleep", "60"], log=tmp_path / "log")


def test_a_pid_that_was_given_to_another_process_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    assert not end(sleeper.pid, "an earlier birth")
    assert sleeper.poll() is None
    stop(sleeper)


def test_a_process_that_an_earlier_run_left_is_ended(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    folder.remember(tmp_path, [sleeper])
    assert folder.end_leftovers(tmp_path) == 1
    assert sleeper.wait() == -signal.SIGTERM
    assert birth(sleeper.pid) is None
    assert folder.end_leftovers(tmp_path) == 0


def test_a_process_that_ignores_the_asking_is_ended_all_the_same(tmp_path: Path) -> None:
    log = tmp_path / "log"
    deaf = spawn(["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 0.1; done"], log=log)
    while "deaf" not in log.read_text():
        assert deaf.poll() is None
    stop(deaf, patience=0.2)
    assert deaf.returncode == -signal.SIGKILL


def test_a_child_is_not_spawned_from_a_passing_thread(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="main thread"):
        pool.submit(spawn, ["true"], log=tmp_path / "log").result()


def test_a_set_up_step_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="no room left"):
        run(["sh", "-c", "echo no room left; exit 3"], log=tmp_path / "log")


def test_a_folder_is_held_by_one_run_at_a_time(tmp_path: Path) -> None:
    with folder.held(tmp_path):
        with pytest.raises(folder.Taken, match=str(os.getpid())), folder.held(tmp_path):
            pass
    with folder.held(tmp_path):
        pass


def test_passwords_are_made_once_and_for_our_eyes_only(tmp_path: Path) -> None:
    made = folder.passwords(tmp_path)
    assert folder.passwords(tmp_path) == made
    assert len(set(made.values())) == 9
    assert (tmp_path / "passwords.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("depth", [1, 30])
def test_a_socket_has_a_path_that_the_system_can_hold(tmp_path: Path, depth: int) -> None:
    postgres = Postgres(tmp_path.joinpath(*["folder"] * depth), "")
    assert len(os.fsencode(postgres.sockets / ".s.PGSQL.5432")) <= LONGEST_SOCKET


def test_a_jar_that_is_not_the_one_we_know_is_refused(tmp_path: Path) -> None:
    strange = tmp_path / known()[0].path.name
    strange.write_bytes(b"something else")
    with pytest.raises(UnknownJar, match="is not the file we know"):
        check([(strange, known()[0].sha256)])
