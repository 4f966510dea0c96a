"""Answers are looked at before they are taken apart."""

from __future__ import annotations

from typing import Any

import pytest

from qcompat.errors import QemuError
from qcompat.qemu.answers import checked


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("query-version", {"qemu": {"major": 8, "minor": 2, "micro": 1}, "package": ""}),
        ("query-machines", [{"name": "q35", "cpu-max": 288}]),
        ("query-cpus-fast", [{"qom-path": "/machine/unattached/device[0]"}]),
        ("qom-get", {"anything": 1}),
    ],
)
def test_an_answer_as_promised_passes_as_it_is(command: str, answer: Any) -> None:
    assert checked(command, answer) is answer


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("query-version", {"qemu": "8.2"}),
        ("query-version", {}),
        ("query-machines", [{"alias": "q35"}]),
        ("query-machines", {"name": "q35"}),
        ("query-cpus-fast", []),
        ("query-cpu-model-expansion", {"model": {"name": "max"}}),
        ("human-monitor-command", None),
        ("qom-list-types", [7]),
        ("qom-list-types", [{"name": "half a character: \ud800"}]),
        ("qom-get", {"\udcff": 1}),
        ("qom-get", 10**400),
        ("query-migrate", {"ram": {"total": 1 << 64}}),
    ],
)
def test_an_odd_answer_is_an_error_that_names_the_question(command: str, answer: Any) -> None:
    with pytest.raises(QemuError, match=f"the answer to {command} is not what"):
        checked(command, answer)
