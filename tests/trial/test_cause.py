"""What QEMU says when it refuses, read: real messages of Debian's builds, and QEMU's own formats.

The real ones were printed by the builds named; `said` in the others is put together from the
format strings at the places that `refusals.toml` names.
"""

from __future__ import annotations

import pytest

from qcompat.portrait.portrait import Portrait
from qcompat.qemu.outcome import Outcome
from qcompat.report.finding import subject_text
from qcompat.rules.registry import RULES
from qcompat.rules.subject import GUEST, Subject
from qcompat.trial.cause import Cause, CauseKind, cause_of, is_about, refusals

LOADING = "error while loading state for instance 0x0 of device"
FAILED = "load of migration failed: Invalid argument"

RNG_11 = (  # 10.0.13 to 11.1.3
    "QEMU ended during query-migrate: VQ 0 vring.num 1024 exceeds allocated max 8\n"
    f"{FAILED}: {LOADING} '0000:00:01.0/virtio-rng': "
    "Failed to load element of type virtio for virtio"
)
PCI_7 = (  # 11.1.3 to 7.2.22
    "QEMU ended during query-migrate: get_pci_config_device: Bad config data: i=0x9a read: 3 "
    "device: 1 cmask: ff wmask: 0 w1cmask:0\nFailed to load PCIDevice:config\n"
    f"Failed to load virtio-rng:virtio\n{LOADING} '0000:00:01.0/virtio-rng'\n{FAILED}"
)
PCI_11 = (  # 7.2.22 to 11.1.3
    "QEMU ended during query-migrate: get_pci_config_device: Bad config data: i=0x9a read: 3 "
    "device: 1 cmask: ff wmask: 0 w1cmask:0\nFailed to load element of type pci config for "
    f"config\n{FAILED}: {LOADING} '0000:00:01.0/virtio-rng': "
    "Failed to load element of type virtio for virtio"
)
ROM = (  # 10.0.13 to 11.1.3
    'QEMU ended during query-migrate: Unknown ramblock "0000:00:01.0/e1000e.rom", cannot accept '
    f"migration\n{FAILED}: {LOADING} 'ram': Failed to load vmstate version_id: 4, ret: -22"
)
RAM = (  # 11.1.3 to 5.2.0
    "QEMU ended during query-migrate: Size mismatch: pc.ram: 0x4000000 != 0x8000000: Invalid "
    f"argument\n{LOADING} 'ram'\n{FAILED}"
)
MACHINE_7 = (  # 11.1.3 to 7.2.22
    "QEMU ended during query-migrate: Machine type received is 'pc-q35-5.2' and local is "
    f"'pc-q35-6.0'\n{FAILED}"
)
MACHINE_11 = (  # 7.2.22 to 11.1.3
    f"QEMU ended during query-migrate: {FAILED}: post load hook failed for: configuration, "
    "version_id: 1, minimum_version: 0: Machine type received is 'pc-q35-7.2' and local is "
    "'pc-q35-6.0'"
)
CUT_7 = (
    "QEMU ended during query-migrate: error while loading state section id 1(ram)\n"
    "load of migration failed: Input/output error"
)
CUT_11 = (
    "QEMU ended during query-migrate: load of migration failed: Input/output error: "
    "Failed to load vmstate version_id: 4, ret: -5"
)
NO_STREAM_7 = f"QEMU ended during query-migrate: Not a migration stream\n{FAILED}"
NO_STREAM_11 = f"{FAILED}: Not a migration stream, magic: 61626364 != 5145564d"

DEVICE = "0000:00:02.0/virtio-net"
MESSAGES: list[tuple[str, CauseKind, str, str]] = [
    (RNG_11, "queue size", "0000:00:01.0/virtio-rng", "arrives with 1024 entries"),
    (PCI_7, "configuration byte", "0000:00:01.0/virtio-rng", "(byte 0x9a)"),
    (PCI_11, "configuration byte", "0000:00:01.0/virtio-rng", "(byte 0x9a)"),
    (ROM, "unknown memory block", "0000:00:01.0/e1000e.rom", "e1000e.rom"),
    (RAM, "memory size", "pc.ram", "0x4000000 bytes in the stream and 0x8000000"),
    (MACHINE_7, "machine type", "", "pc-q35-5.2, the target was started with pc-q35-6.0"),
    (MACHINE_11, "machine type", "", "pc-q35-7.2, the target was started with pc-q35-6.0"),
    (CUT_7, "cut short", "", "too early"),
    (CUT_11, "cut short", "", "too early"),
    (NO_STREAM_7, "no stream", "", "no migration stream"),
    (NO_STREAM_11, "no stream", "", "no migration stream"),
    (
        f"Features 0x1c0010130afffa7 unsupported. Allowed features: 0x10179bfffe7\n"
        f"Failed to load virtio-net:virtio\n{LOADING} '{DEVICE}'\n{FAILED}",
        "features",
        DEVICE,
        "agreed on the features 0x1c0010130afffa7",
    ),
    (f"Invalid number of virtqueues: 0x401\n{LOADING} '{DEVICE}'", "queue count", DEVICE, "0x401"),
    (
        f"VQ 1 size 0x80 < last_avail_idx 0x100 - used_idx 0x0\n{LOADING} '{DEVICE}'",
        "queue state",
        DEVICE,
        "queue 1",
    ),
    ("Length mismatch: pc.bios: 40000 in != 20000", "memory size", "pc.bios", "40000"),
    (
        "Size too large: /rom@etc/acpi/tables: 0x40000 > 0x20000",
        "memory size",
        "/rom@etc/acpi/tables",
        "0x40000",
    ),
    (
        "Capability x-ignore-shared is off, but received capability is on",
        "configuration",
        "",
        "x-ignore-shared is on on the source",
    ),
    ("Received TARGET_PAGE_BITS is 12 but local is 14", "configuration", "", "2^12"),
    ("UUID received is a and local is b", "configuration", "", "UUID is a"),
    (
        "Unknown savevm section or instance '0000:00:03.0/e1000e' 0. Make sure that your "
        f"current VM setup matches your saved VM setup\n{FAILED}",
        "unknown section",
        "0000:00:03.0/e1000e",
        "no device that takes it",
    ),
    (
        f"{FAILED}: Unknown section or instance 'vdagent' 0. Make sure that",
        "unknown section",
        "vdagent",
        "no device that takes it",
    ),
    (
        f"{FAILED}: {LOADING} '{DEVICE}': VM subsection 'virtio-net-device/rss' in "
        "'virtio-net-device' does not exist",
        "unknown subsection",
        DEVICE,
        "virtio-net-device/rss",
    ),
    (
        f"{LOADING} '{DEVICE}'\nload of migration failed: No such file or directory",
        "unknown subsection",
        DEVICE,
        "does not know",
    ),
    ("savevm: unsupported version 3 for 'goldfish_rtc' v2", "version", "goldfish_rtc", "version 3"),
    (
        f"virtio-gpu-one-scanout: incoming version_id 2 is too new for local version_id 1\n"
        f"{LOADING} '{DEVICE}'",
        "version",
        DEVICE,
        "up to version 1",
    ),
    (
        f"apic: incoming version_id 1 is too old for local minimum version_id  3\n{LOADING} 'apic'",
        "version",
        "apic",
        "none before version 3",
    ),
    ("Missing section footer for 0000:00:01.0/nvme", "layout", "0000:00:01.0/nvme", "length"),
    (
        "Mismatched section id in footer for kvmclock - read 0x1 expected 0x2",
        "layout",
        "kvmclock",
        "length",
    ),
    (
        f"Input validation failed: ahci/ports\n{LOADING} '{DEVICE}'",
        "checked value",
        DEVICE,
        "ports of ahci",
    ),
    (f"5 != 6\nFailed to load ahci:ports\n{LOADING} '{DEVICE}'", "checked value", DEVICE, "is 5"),
    (
        f"Invalid value 300 expecting positive value <= 256\n{LOADING} 'hpet'",
        "checked value",
        "hpet",
        "at most 256",
    ),
    (
        "handle_cpreg_only_in_incoming_stream: system register 0x1013c030 in the incoming stream "
        f"but unknown on the destination: fail migration\n{LOADING} 'cpu'",
        "processor",
        "cpu",
        "0x1013c030",
    ),
    (
        "qemu-system-aarch64: migration/vmstate.c:172: vmstate_load_state: Assertion `first_elem "
        "|| !n_elems || !size' failed.",
        "state",
        "",
        "QEMU ends",
    ),
    ("error: failed to set MSR 0x48f to 0x7fefff00036dfb", "processor", "", "0x48f"),
    (
        "State blocked by non-migratable device '0000:00:02.0/nvme'",
        "not migratable",
        "0000:00:02.0/nvme",
        "cannot be migrated",
    ),
    (
        "non-migratable device: 0000:00:02.0/nvme",
        "not migratable",
        "0000:00:02.0/nvme",
        "cannot be migrated",
    ),
    (
        "-device virtio-rng-pci,vectors=2: Property 'virtio-rng-pci.vectors' not found",
        "not startable",
        "",
        "virtio-rng-pci.vectors",
    ),
    (
        "-device nonesuch: 'nonesuch' is not a valid device model name",
        "not startable",
        "",
        "no device nonesuch",
    ),
    (
        "-machine pc-q35-7.2: unsupported machine type\nUse -machine help",
        "not startable",
        "",
        "machine type pc-q35-7.2",
    ),
    ('unsupported machine type: "pc-q35-2.4"', "not startable", "", "machine type pc-q35-2.4"),
    (f"{LOADING} '{DEVICE}'\n{FAILED}", "state", DEVICE, "did not take its state"),
]


def read(message: str) -> Cause:
    cause = cause_of(Outcome("refused", message))
    assert cause is not None
    return cause


@pytest.mark.parametrize(("message", "kind", "section", "means"), MESSAGES)
def test_a_refusal_is_read(message: str, kind: CauseKind, section: str, means: str) -> None:
    cause = read(message)
    assert (cause.kind, cause.section) == (kind, section)
    assert means in cause.means
    assert "not told" not in cause.means
    assert cause.said in message


def test_every_row_of_the_table_is_read_from_some_message() -> None:
    found = {
        next(at for at, row in enumerate(refusals()) if row.found(message))
        for message, *_ in MESSAGES
    }
    assert found == set(range(len(refusals())))


def test_old_and_new_builds_are_read_alike() -> None:
    assert read(PCI_7) == read(PCI_11)
    assert read(NO_STREAM_7).kind == read(NO_STREAM_11).kind


def test_what_qemu_said_comes_without_our_words() -> None:
    assert read(RNG_11).said == "VQ 0 vring.num 1024 exceeds allocated max 8"


def test_a_message_that_nobody_knows_and_a_load_that_worked_have_no_cause() -> None:
    assert cause_of(Outcome("crashed", "it ended with signal 11 and said nothing")) is None
    assert cause_of(Outcome("loaded")) is None


def test_device_and_register_are_named_from_a_portrait(recorded: Portrait) -> None:
    byte = "get_pci_config_device: Bad config data: i=0x{:x} read: 3 device: 1 cmask: ff"
    section = "0000:00:01.0/virtio-blk"
    said = byte.format(0x9A) + f"\n{LOADING} '{section}'"
    named = cause_of(Outcome("refused", said), recorded, recorded)
    assert named is not None
    assert subject_text(named.subject) == "virtio-blk-pci at 0000:00:01.0"
    assert named.details["register"] == "MSI-X message control"
    assert read(byte.format(0x3D)).details["register"] == "interrupt pin"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (Subject("device", "virtio-rng-pci", address="0000:00:01.0"), True),
        (Subject("device", "virtio-rng-pci", "mine", "0000:00:01.0"), True),
        (Subject("device", "virtio-rng-pci", address="0000:00:11.0"), False),
        (GUEST, False),
    ],
)
def test_a_finding_is_about_the_device_of_the_cause(subject: Subject, expected: bool) -> None:
    assert is_about(read(RNG_11), subject) == expected


def test_rules_foretell_only_messages_of_the_table() -> None:
    messages = {refusal.message or refusal.kind for refusal in refusals()}
    assert {each for rule in RULES.values() for each in rule.foretells} <= messages


def test_a_message_names_the_rules_that_foretell_it() -> None:
    assert read(RNG_11).rules == ("queue_size_exceeded_on_target",)
    assert set(read(PCI_11).rules) == {"pci_register_changed", "pci_config_size_changed"}
