"""How many processors `-smp` allows."""

from __future__ import annotations

import pytest

from qcompat.rules.section.subsection_unproven_on_target import processors


@pytest.mark.parametrize(
    ("smp", "most"),
    [
        (None, 1),
        ("2", 2),
        ("cpus=2", 2),
        ("2,maxcpus=8", 8),
        ("4,sockets=1,cores=4,threads=1", 4),
        ("sockets=2,cores=3", 6),
    ],
)
def test_processors_that_are_possible(smp: str | None, most: int) -> None:
    assert processors(smp) == most
