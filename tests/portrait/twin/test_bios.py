"""Firmware that boots takes the place of firmware that is not read, and of nothing else."""

from __future__ import annotations

import shlex

import pytest

from qcompat.guest.arguments import parse
from qcompat.portrait.twin.bios import firmware_sizes, with_bios

CODE, VARIABLES = "/usr/share/OVMF/OVMF_CODE_4M.fd", "/var/lib/vm/VARS.fd"
DRIVES = (
    f"-machine q35 -drive if=pflash,unit=0,format=raw,readonly=on,file={CODE}"
    f" -drive if=pflash,unit=1,format=raw,file={VARIABLES}"
)
NODES = (
    "-machine q35,pflash0=code,pflash1=vars"
    f" -blockdev driver=file,filename={CODE},node-name=f"
    " -blockdev driver=raw,node-name=code,file=f,read-only=on"
    f" -blockdev driver=file,filename={VARIABLES},node-name=g"
    " -blockdev driver=raw,node-name=vars,file=g"
)
ROM = "-machine q35 -bios /usr/share/ovmf/OVMF.fd"


def changed(line: str) -> tuple[list[str], list[str]]:
    """The words that a guest loses and gets."""
    before = parse(shlex.split(line)).arguments
    after = with_bios(before, lambda size: f"/file-of-{size}")
    return [w for w in before if w not in after], [w for w in after if w not in before]


@pytest.mark.parametrize("line", [DRIVES, NODES, ROM])
def test_only_what_the_firmware_is_read_from_is_replaced(line: str) -> None:
    size = firmware_sizes(parse(shlex.split(line)).arguments)
    lost, got = changed(line)

    assert len(lost) == len(got) == len(size) == 1
    assert f"/file-of-{size[0]}" in got[0]
    assert "null-co" not in got[0]


@pytest.mark.parametrize("line", [DRIVES, NODES])
def test_what_may_be_written_stays_as_it_is(line: str) -> None:
    assert "read-only=on" in changed(line)[1][0]


@pytest.mark.parametrize(
    "line",
    [
        "-machine q35",
        "-machine pc -bios bios-256k.bin",
        "-machine q35 -drive if=none,id=d,format=raw,file=/x -device virtio-blk-pci,drive=d",
        "-machine q35 -blockdev null-co,node-name=code,size=4M -device nvme,drive=code,serial=1",
    ],
)
def test_a_guest_with_the_builds_own_firmware_stays_as_it_is(line: str) -> None:
    assert changed(line) == ([], [])
    assert firmware_sizes(parse(shlex.split(line)).arguments) == ()
