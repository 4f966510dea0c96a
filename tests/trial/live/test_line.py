"""The agent speaks on a port that the guest has; one is added only where there is none."""

from __future__ import annotations

import shlex

import pytest

from qcompat.guest import command_line
from qcompat.guest.arguments import parse, words_of
from qcompat.trial.live.line import Line, find_line


def line_of(arguments: str) -> Line:
    return find_line(command_line.read(parse(shlex.split(arguments)).arguments))


@pytest.mark.parametrize(
    ("arguments", "port", "adds"),
    [
        ("-machine q35", "ttyS0", False),  # QEMU's own default port
        ("-machine q35 -nodefaults", "ttyS0", True),
        ("-machine q35 -serial none", "ttyS0", True),
        ("-machine q35 -serial pty", "ttyS0", False),
        ("-machine q35 -serial none -serial pty", "ttyS1", False),
        ("-nodefaults -chardev pty,id=c -device isa-serial,chardev=c,index=1", "ttyS1", False),
        ("-nodefaults -chardev pty,id=c -serial chardev:c", "ttyS0", False),
    ],
)
def test_the_guests_own_port_is_used(arguments: str, port: str, adds: bool) -> None:
    line = line_of(arguments)

    assert line.port == port
    assert bool(line.uncovered) is adds


def test_a_device_stays_as_it_is_and_only_its_far_end_is_ours() -> None:
    arguments = "-nodefaults -chardev pty,id=c -device isa-serial,chardev=c,id=s"
    line = line_of(arguments)
    words = words_of(line.options)

    assert line.chardev == "c"
    assert "isa-serial,chardev=c,id=s" in words
    assert "-chardev" not in words  # QEMU is given the socket of that name
