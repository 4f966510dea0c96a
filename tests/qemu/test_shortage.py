"""What this machine lacks is told from what QEMU says of the guest, on real builds."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.errors import HostLacksError, LaunchError
from qcompat.local.kvm import has_kvm
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch
from qcompat.qemu.shortage import Kind, rows, shortage_in

_BOARD = ("-machine", "q35", "-nodefaults", "-m")


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.kind}: {row.example[:40]}")
def test_every_row_finds_its_own_example_first(row: object) -> None:
    found = next(each for each in rows() if each.line(row.example))  # type: ignore[attr-defined]
    assert found is row


@pytest.mark.parametrize(
    "message",
    [
        "-M pc-q35-99: unsupported machine type",
        "-device e1000,x=1: Property 'e1000.x' not found",
        "-device vfio-pci,host=01:00.0: 'vfio-pci' is not a valid device model name",
        "Invalid SMP CPUs 600. The max CPUs supported by machine 'pc-q35-5.2' is 288",
        "current -smp configuration requires Extended Interrupt Mode enabled.",
        "-device virtio-blk-pci,drive=d: num-queues property must be larger than 0",
        "unable to find CPU model 'EPYC-Turin'",
        "Hyper-V synthetic timers (hv-stimer) requires Hyper-V clocksources (hv-time)",
        "PCI: slot 1 function 0 not available for e1000, in use by e1000,id=one",
        "phys-bits should be between 32 and 52  (but is 60)",
        "load of migration failed: Operation not permitted",
    ],
)
def test_what_the_guest_or_the_build_is_to_blame_for_is_no_shortage(message: str) -> None:
    known = shortage_in(message)
    assert known is None or "Operation not permitted" in message


def test_warning_alone_is_no_shortage() -> None:
    assert shortage_in("qemu: warning: host doesn't support requested feature: x") is None


def test_what_a_stream_can_bring_about_counts_at_the_start_alone() -> None:
    for message in ("failed to set MSR 0x345 to 0x0", "Operation not permitted"):
        assert shortage_in(message)
        assert shortage_in(message, has_started=True) is None
    assert shortage_in("it ended with signal 9 and said nothing", has_started=True)


async def _why(build: Build, accel: Accel, words: str) -> HostLacksError:
    with pytest.raises(HostLacksError) as caught:
        async with launch(command(build, kvm=accel == "kvm"), ["-accel", accel, *words.split()]):
            pass
    return caught.value


_HERE: list[tuple[Kind, Accel, str, str]] = [
    ("accelerator", "tcg", "-m 64M -cpu host", "requires KVM"),
    ("processor", "tcg", "-m 64M -cpu Skylake-Server,enforce", "avx512f"),
    ("memory", "tcg", "-m 900G", "pc.ram"),
    (
        "NUMA node",
        "tcg",
        "-m 64M -object memory-backend-ram,id=r,size=64M,host-nodes=99,policy=bind"
        " -numa node,memdev=r",
        "bind",
    ),
    ("host device", "tcg", "-m 64M -device vhost-vsock-pci,guest-cid=5", "vhost"),
    ("firmware", "tcg", "-m 64M -bios nowhere.bin", "nowhere.bin"),
    ("firmware", "tcg", "-m 64M -device e1000,romfile=nowhere.rom", "nowhere.rom"),
]


@pytest.mark.lab
@pytest.mark.parametrize(("kind", "accel", "words", "named"), _HERE)
async def test_every_build_says_what_this_machine_lacks(
    kind: Kind, accel: Accel, words: str, named: str, builds: Mapping[str, Build]
) -> None:
    for build in builds.values():
        error = await _why(build, accel, f"{' '.join(_BOARD[:-1])} {words}")
        assert (error.kind, error.exit_code) == (kind, 4), error.message
        assert named in error.message
        assert error.hint


@pytest.mark.lab
@pytest.mark.skipif(not has_kvm(), reason="needs KVM")
async def test_processor_of_another_vendor_is_a_shortage_with_its_features(
    builds: Mapping[str, Build],
) -> None:
    for build in builds.values():
        error = await _why(build, "kvm", f"{' '.join(_BOARD)} 64M -cpu EPYC,enforce")
        assert error.kind == "processor"
        assert re.search(r"\((?:[\w.-]+, )+", error.message), error.message
        assert "--accel tcg" in error.hint


@pytest.mark.lab
async def test_what_the_build_refuses_stays_its_refusal(builds: Mapping[str, Build]) -> None:
    for build in builds.values():
        with pytest.raises(LaunchError):
            async with launch(command(build), [*_BOARD, "64M", "-device", "e1000,x=1"]):
                pass
