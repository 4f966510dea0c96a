from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.builds.facts import DeviceFact, MachineFact
from qcompat.builds.learn.answers import parse_devices, parse_machines

DATA = Path(__file__).parents[2] / "data" / "builds"


def _machines(version: str) -> dict[str, MachineFact]:
    text = (DATA / f"machine-help-{version}.txt").read_text()
    return {fact.name: fact for fact in parse_machines(text)}


def _devices(version: str) -> dict[str, DeviceFact]:
    text = (DATA / f"device-help-{version}.txt").read_text()
    return {fact.type: fact for fact in parse_devices(text)}


def test_aliases_belong_to_the_types_that_they_mean() -> None:
    found = _machines("7.2.22")
    assert found["pc-q35-7.2"] == MachineFact("pc-q35-7.2", "q35")
    assert found["pc-i440fx-7.2"] == MachineFact("pc-i440fx-7.2", "pc", is_default=True)
    assert not {"q35", "pc", "Supported"} & set(found)


@pytest.mark.parametrize("version", ["7.2.22", "11.1.3"])
def test_every_line_of_the_machine_list_is_understood(version: str) -> None:
    lines = (DATA / f"machine-help-{version}.txt").read_text().splitlines()[1:]
    aliases = [line for line in lines if "(alias of" in line]
    assert len(_machines(version)) == len(lines) - len(aliases)
    assert sum(bool(fact.alias) for fact in _machines(version).values()) == len(aliases)


def test_deprecated_machines_are_told() -> None:
    assert _machines("7.2.22")["pc-i440fx-1.4"].deprecated
    assert not _machines("7.2.22")["pc-q35-7.2"].deprecated


@pytest.mark.parametrize("version", ["7.2.22", "11.1.3"])
def test_every_line_of_the_device_list_is_understood(version: str) -> None:
    lines = (DATA / f"device-help-{version}.txt").read_text().splitlines()
    types = {line.split('"')[1] for line in lines if line.startswith('name "')}
    assert set(_devices(version)) == types


def test_bus_alias_and_description_of_a_device_are_told() -> None:
    found = _devices("7.2.22")
    assert found["AC97"] == DeviceFact("AC97", "PCI", "ac97", "Intel 82801AA AC97 Audio")
    assert found["virtio-net-pci"] == DeviceFact("virtio-net-pci", "PCI", "virtio-net")
    assert found["qemu64-x86_64-cpu"].bus == ""


def test_complaints_between_the_lines_are_passed_over() -> None:
    text = 'Failed to open module: x.so\nname "e1000", bus PCI\n\nUSB devices:\n'
    assert parse_devices(text) == (DeviceFact("e1000", "PCI"),)
    assert parse_machines("nonsense\n") == ()


def test_what_is_no_name_of_a_type_is_no_machine_type_and_no_device() -> None:
    odd = "pc\0 evil\n\x1b[31mred\x1b[0m evil\nq\xe9 evil\npc-q35-9.2+pve1 real\n"
    assert [machine.name for machine in parse_machines(odd)] == ["pc-q35-9.2+pve1"]
    lines = 'name "e1000", bus PCI\nname "\x1b[2J", bus PCI\nname "a b", bus PCI\n'
    assert [device.type for device in parse_devices(lines)] == ["e1000"]
