"""A report of a real guest against itself, and against itself with one thing changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qcompat.errors import FileFormatError
from qcompat.trial.live.agent.messages import Beat, GuestReport, read_report
from qcompat.trial.live.checks.compare import compare_reports
from qcompat.trial.live.checks.work import check_heartbeat
from qcompat.trial.trial import Check
from tests.conftest import DATA

REAL = read_report((DATA / "live" / "q35-7.2-on-7.2.22.tar.gz").read_bytes())
DISK = "172ea386404ebaadedf49d2c961e1694"
CARD = "pci/0000:00:02.0"


def changed(path: str, change: Callable[[bytes], bytes]) -> GuestReport:
    return GuestReport({**REAL.files, path: change(REAL.files.get(path, b""))})


def without(path: str) -> GuestReport:
    return GuestReport({name: data for name, data in REAL.files.items() if name != path})


def flip(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def found(after: GuestReport, *, was_reset: bool = False) -> list[Check]:
    """The checks that are not `same`."""
    checks = compare_reports(REAL, after, {DISK}, was_reset=was_reset)
    return [check for check in checks if check.saw != "same"]


@pytest.mark.parametrize("was_reset", [False, True])
def test_a_guest_that_is_as_it_was_is_the_same_in_all(was_reset: bool) -> None:
    assert found(REAL, was_reset=was_reset) == []


def test_all_kinds_of_checks_are_made() -> None:
    made = [check.what for check in compare_reports(REAL, REAL, {DISK})]

    assert made == [
        "memory pattern",
        "disk reads (vda)",
        "network (eth0)",
        "random numbers",
        "PCI configuration",
        "CPUID",
        "processors",
        "ACPI tables",
        "DMI tables",
        "virtio devices",
        "disks",
        "network cards",
        "memory map",
        "clock source",
        "uptime",
        "time of day",
    ]


@pytest.mark.parametrize(
    ("what", "after"),
    [
        ("PCI configuration", changed(CARD, flip(0x08))),
        ("PCI configuration", changed(CARD, lambda data: data[:128])),
        ("PCI configuration", without(CARD)),
        ("CPUID", changed("cpu/0x0", flip(16 + 8))),
        ("CPUID", changed("cpu/0x80000000", flip(16 + 12))),
        ("processors", changed("cpu/cpuinfo", lambda data: data + b"\n" + data)),
        ("ACPI tables", changed("acpi/DSDT", flip(1000))),
        ("ACPI tables", without("acpi/HPET")),
        ("DMI tables", changed("dmi/DMI", flip(5))),
        ("virtio devices", changed("virtio/virtio0", lambda data: data.replace(b"000f", b"008f"))),
        ("disks", changed("disk/vda", lambda data: data.replace(b"size 2", b"size 4"))),
        ("network cards", changed("net/eth0", lambda data: data.replace(b"1500", b"1400"))),
        ("memory map", changed("iomem", lambda data: data.replace(b"RAM", b"ROM", 1))),
        ("clock source", changed("clocksource", lambda _: b"hpet\n")),
    ],
)
def test_what_the_guest_sees_changed_is_drift(what: str, after: GuestReport) -> None:
    (check,) = found(after)

    assert (check.what, check.saw) == (what, "changed")
    assert check.before != check.after


@pytest.mark.parametrize(
    ("what", "after"),
    [
        ("memory pattern", changed("answers/memory", flip(40))),
        ("memory pattern", without("answers/memory")),
        ("memory pattern", changed("damage", lambda _: b"memory written in round 7\n")),
        ("disk reads (vda)", changed("answers/disk.vda", lambda data: data[::-1])),
        ("disk reads (vda)", without("answers/disk.vda")),
        ("disk reads (vda)", changed("damage", lambda _: b"a read of vda in round 2\n")),
        ("network (eth0)", changed("answers/net.eth0", lambda _: b"0 3\n")),
        ("network (eth0)", without("answers/net.eth0")),
        ("random numbers", without("answers/rng")),
        ("uptime", changed("time", lambda _: b"0.01 1999999999\n")),
        ("time of day", changed("time", lambda _: b"99999.0 1\n")),
    ],
)
def test_what_does_not_work_any_more_is_broken(what: str, after: GuestReport) -> None:
    (check,) = found(after)

    assert (check.what, check.saw) == (what, "broken")


def test_registers_that_change_with_work_are_not_compared() -> None:
    assert found(changed(CARD, flip(0x06 + 1))) == []  # status, bit 8: a parity error was seen


def test_a_feature_of_the_processor_is_told_by_its_name() -> None:
    (check,) = found(changed("cpu/0x0", flip(16 + 8)))  # leaf 1, ECX, bit 0

    assert (check.before, check.after) == ("pni on", "pni off")


def test_pointers_of_moved_tables_are_no_difference() -> None:
    assert found(changed("acpi/FACP", flip(40)), was_reset=True) == []


def test_errors_of_the_kernel_are_told() -> None:
    after = changed("messages", lambda _: b"<3>[   12.1] blk_update_request: I/O error\n")
    checks = {check.what: check for check in compare_reports(REAL, after, {DISK})}

    assert found(after) == []
    assert "I/O error" in checks["kernel messages"].after


def test_a_heart_that_goes_on_is_the_same() -> None:
    beats = [Beat(n, 3.0 + n / 10, 50 + n / 10) for n in range(5, 9)]

    assert check_heartbeat(beats).saw == "same"
    assert "longest gap 100 ms" in check_heartbeat(beats).after


@pytest.mark.parametrize(
    "beats",
    [
        [],
        [Beat(5, 3.0, 50.0)],
        [Beat(5, 3.0, 50.0), Beat(7, 3.1, 50.1)],
        [Beat(5, 3.0, 50.0), Beat(0, 0.1, 50.1)],
        [Beat(5, 3.0, 50.0), Beat(6, 2.0, 50.1)],
    ],
)
def test_a_heart_that_stops_or_starts_again_is_broken(beats: list[Beat]) -> None:
    assert check_heartbeat(beats).saw == "broken"


def test_what_is_no_report_is_refused() -> None:
    with pytest.raises(FileFormatError, match="report"):
        read_report(b"\x1f\x8b nonsense")
