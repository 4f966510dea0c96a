"""The import contract of `pyproject.toml` that keeps deciding pure is one that can be broken."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from grimp import ImportGraph, build_graph
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract

SETTINGS = read_configuration(str(Path(__file__).parents[2] / "pyproject.toml"))
SESSION = SETTINGS["session_options"]
BOTH_HALVES = ("builds", "hosts", "machine", "portrait", "qemu", "source", "trial.matrix")
"""Packages of which one half decides and the other runs."""

RULE = "qcompat.rules.section.section_missing_on_target"
DECIDING = (
    RULE,
    "qcompat.compare.comparison",
    "qcompat.hosts.cpu.intersection",
    "qcompat.lineage.chain",
    "qcompat.machine.resolve",
    "qcompat.remedy.edit",
    "qcompat.source.lint.pair",
    "qcompat.trial.matrix.deciding.planning",
    "qcompat.verdict.judge",
)
RUNNING = (
    "qcompat.builds.run.command",
    "qcompat.hosts.ask.host",
    "qcompat.machine.ask.gather",
    "qcompat.portrait.portraits",
    "qcompat.portrait.take",
    "qcompat.qemu.launch",
    "qcompat.store.database",
    "asyncio",
    "subprocess",
    "time",
)


@pytest.fixture(scope="module")
def options() -> dict[str, Any]:
    (found,) = (each for each in SETTINGS["contracts_options"] if each["type"] == "forbidden")
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    return build_graph(
        "qcompat",
        include_external_packages=True,
        exclude_type_checking_imports=bool(SESSION["exclude_type_checking_imports"]),
        cache_dir=None,
    )


def _is_kept(options: dict[str, Any], graph: ImportGraph) -> bool:
    contract = ForbiddenContract(options["name"], SESSION, options)
    return bool(contract.check(deepcopy(graph), verbose=False).kept)


def _is_kept_with(options: dict[str, Any], graph: ImportGraph, importer: str, new: str) -> bool:
    changed = deepcopy(graph)
    assert importer in changed.modules
    changed.add_import(importer=importer, imported=new)
    return _is_kept(options, changed)


def test_deciding_reaches_no_running_half(options: dict[str, Any], graph: ImportGraph) -> None:
    assert _is_kept(options, graph)


@pytest.mark.parametrize("running", RUNNING)
def test_a_rule_that_imports_a_running_half_breaks_the_contract(
    options: dict[str, Any], graph: ImportGraph, running: str
) -> None:
    assert running in graph.modules
    assert not _is_kept_with(options, graph, RULE, running)


@pytest.mark.parametrize("deciding", DECIDING)
def test_the_door_to_portraits_is_closed_to_all_that_decides(
    options: dict[str, Any], graph: ImportGraph, deciding: str
) -> None:
    assert not _is_kept_with(options, graph, deciding, "qcompat.portrait.portraits")


def test_a_process_that_is_far_away_breaks_the_contract(
    options: dict[str, Any], graph: ImportGraph
) -> None:
    assert not _is_kept_with(options, graph, "qcompat.dataset", "subprocess")


def test_a_matrix_s_plan_that_runs_something_breaks_the_contract(
    options: dict[str, Any], graph: ImportGraph
) -> None:
    planning, running = (f"qcompat.trial.matrix.{n}" for n in ("deciding.planning", "running.run"))
    assert not _is_kept_with(options, graph, planning, running)


def _modules_of(graph: ImportGraph, package: str) -> Iterator[str]:
    for module in sorted(graph.find_descendants(f"qcompat.{package}")):
        if not graph.find_children(module):
            yield module


def _is_in(module: str, names: list[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


@pytest.mark.parametrize("package", BOTH_HALVES)
def test_every_module_is_on_one_side(
    options: dict[str, Any], graph: ImportGraph, package: str
) -> None:
    """A new module is put into one of the lists: `source_modules` if it decides."""
    deciding, running = options["source_modules"], options["forbidden_modules"]
    wrong = [
        module
        for module in _modules_of(graph, package)
        if _is_in(module, deciding) == _is_in(module, running)
    ]
    assert wrong == []
