from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.app.matrix.guest_file import named_guests
from qcompat.errors import UsageError


def test_a_guest_is_tried_on_every_machine_type_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "guest"
    path.write_text("-machine pc-q35-7.2,vmport=off -nodefaults -device e1000")
    (own,) = named_guests(path, "guest")
    assert (own.name, own.guest.machine) == ("guest", "pc-q35-7.2")
    one, other = named_guests(path, "guest", ("pc-q35-7.1", "pc-q35-8.0"))
    assert (one.guest.machine, other.guest.machine) == ("pc-q35-7.1", "pc-q35-8.0")
    assert any("vmport=off" in word for word in one.guest.arguments)


def test_several_guests_of_a_file_get_numbers(tmp_path: Path) -> None:
    path = tmp_path / "all.sh"
    path.write_text("#!/bin/sh\nqemu-kvm -machine q35 -m 1G\nqemu-kvm -machine pc\n")
    named = named_guests(path, "all.sh")
    assert [(each.name, each.guest.machine) for each in named] == [
        ("all.sh:1", "q35"),
        ("all.sh:2", "pc"),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"# nothing\n", "no words"), (b"-m 'open", "does not end"), (b"-no-such-option", "-no-such")],
)
def test_an_error_names_the_file(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "guest"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=said) as failure:
        named_guests(path, "guest")
    assert str(path) in failure.value.message


def test_a_portrait_brings_its_guest() -> None:
    place = Path(__file__).parents[2] / "data" / "portraits"
    path = place / "debian-10.0.13-pc-q35-10.0-virtio-blk-pci.qcp"
    (named,) = named_guests(path, path.name)
    assert named.guest.machine == "pc-q35-10.0"
    assert any(word.startswith("virtio-blk-pci") for word in named.guest.arguments)
