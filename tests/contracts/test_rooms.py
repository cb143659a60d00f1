"""The rules of every service stand on Python alone: no framework, no store, no clock of their own."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import services

SERVICES = Path(services.__path__[0])
RULES = sorted(path for path in SERVICES.glob("*/domain/**/*.py"))


def imported(source: str) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def called(source: str) -> Iterator[str]:
    """What a file calls, as it is written."""
    return (ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_a_rule_imports_the_standard_library_and_the_rules_beside_it(path: Path) -> None:
    own = f"services.{path.relative_to(SERVICES).parts[0]}.domain"
    foreign = [
        name
        for name in imported(path.read_text())
        if name.partition(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith(f"{own}.")
    ]
    assert foreign == []


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(SERVICES)))
def test_a_rule_is_given_the_time_and_waits_for_nothing(path: Path) -> None:
    source = path.read_text()
    assert not {"datetime.now", "date.today", "time.time"} & set(called(source))
    assert not any(isinstance(node, ast.AsyncFunctionDef | ast.Await) for node in ast.walk(ast.parse(source)))


def test_there_are_rules_in_every_service() -> None:
    assert {path.relative_to(SERVICES).parts[0] for path in RULES} == {
        "referral",
        "directory",
        "notifications",
        "reporting",
    }
