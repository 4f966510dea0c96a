from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qcompat.arch.architecture import (
    Architecture,
    architectures,
    cpu_model,
    elf_machines,
    is_cpu_type,
    named_by,
    usual,
)
from qcompat.dataset import parse_table
from qcompat.errors import FileFormatError, GuestError
from qcompat.guest.arguments import parse

SOURCE = Path(__file__).parents[2] / "src" / "qcompat"
TABLE = SOURCE / "arch" / "tables" / "x86_64.toml"
CRAFTED = TABLE.read_text().replace("x86_64", "other64").replace("pc-q35", "board64")


def test_no_other_file_of_code_names_an_architecture() -> None:
    named = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if any(name in path.read_text() for name in architectures())
    ]
    assert named == ["arch/architecture.py"]


def test_a_second_architecture_is_a_second_table() -> None:
    other = parse_table(CRAFTED.encode(), Architecture, "other64.toml")
    assert other.cpu_type("max") == "max-other64-cpu"
    assert other.board_of("board64-7.2").is_express
    assert other.emulator == "qemu-system-other64"


def test_a_table_that_lacks_something_is_refused_by_name() -> None:
    with pytest.raises(FileFormatError, match=r"other64\.toml"):
        parse_table(CRAFTED.replace("cpu_suffix", "suffix").encode(), Architecture, "other64.toml")


def test_every_table_is_named_as_its_architecture_and_known_to_elf() -> None:
    for name, each in architectures().items():
        assert each.name == name
        assert name in elf_machines().values()
        assert msgspec.to_builtins(each)["emulator"].endswith(name)


@pytest.mark.parametrize(
    ("machine", "board"),
    [
        ("pc-q35-7.2", "q35"),
        ("q35", "q35"),
        ("pc-q35-rhel9.6.0", "q35"),
        ("pc-q35-9.2+pve1", "q35"),
        ("pc-q35-noble-hpb", "q35"),
        ("pc-i440fx-jammy", "i440fx"),
        ("pc", "i440fx"),
        ("pc-1.3", "i440fx"),
    ],
)
def test_a_machine_type_of_any_vendor_has_its_board(machine: str, board: str) -> None:
    assert usual().board_of(machine).name == board


def test_a_cpu_type_is_a_model_and_back() -> None:
    assert cpu_model(usual().cpu_type("Skylake-Server-v4")) == "Skylake-Server-v4"
    assert is_cpu_type("qemu64-x86_64-cpu")
    assert not is_cpu_type("virtio-net-pci")


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("/usr/bin/qemu-system-s390x", "s390x"),
        ("qemu-system-x86_64", "x86_64"),
        ("/opt/qemu-system-aarch64-9.0", "aarch64"),
        ("/usr/libexec/qemu-kvm", ""),
        ("kvm", ""),
    ],
)
def test_an_emulators_name_tells_its_architecture(program: str, name: str) -> None:
    assert named_by(program) == name


def test_a_line_of_another_emulator_is_said_to_be_one() -> None:
    with pytest.raises(GuestError, match="a command line of qemu-system-aarch64"):
        parse(["/usr/bin/qemu-system-aarch64", "-machine", "virt-9.0", "-cpu", "cortex-a57"])
