from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from qcompat.arch.architecture import (
    Architecture,
    architecture_of,
    architectures,
    board_of,
    cpu_model,
    elf_machines,
    emulated_by,
    is_cpu_type,
    named_by,
    usual,
)
from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.fetch.naming import possible_names
from qcompat.dataset import parse_table
from qcompat.errors import FileFormatError, GuestError, UsageError
from qcompat.guest.arguments import parse
from qcompat.guest.single import recipes
from qcompat.guest.stand_ins.machine import with_type
from qcompat.guest.whole import whole_table
from qcompat.portrait.accel_choice import choose_accel
from qcompat.portrait.builds_of_guest import architecture_on, builds_with

SOURCE = Path(__file__).parents[2] / "src" / "qcompat"
TABLE = SOURCE / "arch" / "tables" / "x86_64.toml"
CRAFTED = TABLE.read_text().replace("x86_64", "other64").replace("pc-q35", "board64")


def test_no_other_file_of_code_names_an_architecture() -> None:
    """But for names of others: QEMU's hw/s390x, those of images, and what managers' files say."""
    named = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if any(name in text for text in _strings_of(path) for name in architectures())
    }
    others = {"source/tree/reach.py", "builds/unpack/layers.py"}
    of_forms = {name for name in named if name.startswith("guest/given/")}
    assert named - others - of_forms == {"arch/architecture.py"}


def _strings_of(path: Path) -> Iterator[str]:
    """The strings of a module that are no documentation."""
    statements = list(ast.walk(ast.parse(path.read_text())))
    told = {id(node.value) for node in statements if isinstance(node, ast.Expr)}
    for node in statements:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_a_second_architecture_is_a_second_table() -> None:
    other = parse_table(CRAFTED.encode(), Architecture, "other64.toml")
    assert other.cpu_type("max") == "max-other64-cpu"
    assert other.has("board64-7.2")
    assert not other.has("pc-q35-7.2")
    assert other.emulator == "qemu-system-other64"


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Architecture:
    """A second architecture beside the one that there is, as one more table would bring it."""
    added = parse_table(CRAFTED.encode(), Architecture, "other64.toml")
    both = {**architectures(), added.name: added}
    monkeypatch.setattr("qcompat.arch.architecture._tables", lambda: both)
    return added


def test_a_guest_is_of_the_architecture_that_has_its_machine_type(other: Architecture) -> None:
    assert architecture_of("board64-7.2") == other
    assert architecture_of("pc-q35-7.2") == architecture_of("no-such-board") == usual()
    assert parse(["qemu-system-other64", "-machine", "board64-7.2"]).machine == "board64-7.2"
    assert parse(["-machine", "board64-7.2"]).machine == "board64-7.2"


def test_an_emulator_has_its_own_default_machine(other: Architecture) -> None:
    assert parse(["qemu-system-other64", "-m", "1G"]).machine == other.default_machine
    bare = msgspec.structs.replace(other, default_machine="")
    with pytest.raises(GuestError, match="qemu-system-other64 has no usual one"):
        with_type((), bare)


def test_an_emulator_does_not_run_another_architectures_machine_type(other: Architecture) -> None:
    with pytest.raises(GuestError, match=r"pc-q35-7\.2 is a machine type of x86_64") as caught:
        parse([other.emulator, "-machine", "pc-q35-7.2"])
    assert "name qemu-system-x86_64" in caught.value.hint


def test_kvm_serves_guests_of_this_hosts_architecture_alone(
    other: Architecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qcompat.portrait.accel_choice.has_kvm", lambda: True)
    assert other.kvm_on == ("other64",)
    assert choose_accel("auto", other.name) == "tcg"
    with pytest.raises(UsageError, match="runs no guests of other64"):
        choose_accel("kvm", other.name)


def test_kvm_runs_no_guests_of_an_architecture_without_a_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("qcompat.portrait.accel_choice.has_kvm", lambda: True)
    assert choose_accel("auto", "alpha") == "tcg"


def build_of(emulator: str) -> Build:
    identity = BuildIdentity("10.0.2", "", "ab" * 32)
    return Build(f"my-{emulator}", identity, "native", f"/usr/bin/{emulator}")


def test_a_build_is_of_the_architecture_that_its_binary_names(other: Architecture) -> None:
    assert build_of(other.emulator).architecture == "other64"
    assert build_of("qemu-system-x86_64").architecture == "x86_64"
    assert build_of("qemu-system-i386").architecture == "x86_64"
    assert build_of("qemu-system-alpha").architecture == "alpha"
    assert emulated_by("/usr/libexec/qemu-kvm", "x86_64") == "x86_64"


def test_a_build_of_another_architecture_than_the_guest_is_refused(other: Architecture) -> None:
    builds = [build_of(other.emulator), build_of("qemu-system-x86_64")]
    with pytest.raises(
        UsageError, match=r"board64-7\.2 is a machine type of other64, and my-qemu"
    ) as e:
        architecture_on(builds, "board64-7.2")
    assert "fetch --arch other64" in e.value.hint
    with pytest.raises(UsageError, match="different architectures"):
        architecture_on(builds, "none")
    assert architecture_on(builds[:1], "board64-7.2") == "other64"
    assert architecture_on(builds[:1], "none") == "other64"
    assert builds_with("board64-7.2", builds) == (builds[0],)
    assert builds_with("none", builds) == tuple(builds)


def test_builds_of_two_architectures_have_different_names(other: Architecture) -> None:
    identity = BuildIdentity("10.0.2", "Debian 1:10.0.2+ds-2", "ab" * 32)
    assert possible_names(identity, usual())[0] == "debian-10.0.2"
    assert possible_names(identity, other)[0] == "debian-10.0.2-other64"


def test_a_machine_type_that_two_architectures_claim_is_told_apart_by_the_build() -> None:
    claimed = [f for each in architectures().values() for b in each.boards for f in b.families]
    assert {family for family in claimed if claimed.count(family) > 1} == {"virt"}
    for name in ("aarch64", "riscv64"):
        build = build_of(architectures()[name].emulator)
        assert architecture_on([build], "virt") == name
    with pytest.raises(UsageError, match="a machine type of aarch64 and riscv64"):
        architecture_on([build_of("qemu-system-x86_64")], "virt")


def test_recipes_are_for_boards_that_there_are() -> None:
    known = {board.name for each in architectures().values() for board in each.boards}
    named = {each.board for each in (*recipes().recipe, *recipes().skipped)} - {""}
    assert named | {each.board for each in whole_table().values()} <= known


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
    assert board_of(machine).name == board


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
    with pytest.raises(GuestError, match="a command line of qemu-system-other64"):
        parse(["/usr/bin/qemu-system-other64", "-machine", "virt-9.0", "-cpu", "cortex-a57"])
