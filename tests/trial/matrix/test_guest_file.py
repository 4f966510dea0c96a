from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.errors import GuestError
from qcompat.trial.matrix.guest_file import read_guests, split


def test_words_are_split_as_a_shell_would_and_nothing_is_run() -> None:
    text = "# my guest\n-machine q35 \\\n  -name 'a b'\n  # -m 4G\n-m 64\n-append $(reboot)`x`#1\n"
    assert split(text) == [
        *("-machine", "q35", "-name", "a b", "-m", "64", "-append", "$(reboot)`x`#1"),
    ]


def test_a_guest_is_tried_on_every_machine_type_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "guest"
    path.write_text("-machine pc-q35-7.2,vmport=off -nodefaults -device e1000")
    (own,) = read_guests(path)
    assert own.machine == "pc-q35-7.2"
    one, other = read_guests(path, ("pc-q35-7.1", "pc-q35-8.0"))
    assert (one.machine, other.machine) == ("pc-q35-7.1", "pc-q35-8.0")
    assert any("vmport=off" in word for word in one.arguments)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"-m 'open", "split into words"),
        (b"# nothing\n", "no arguments"),
        (b"\xff\xfe", "no text"),
        (b"x" * (1 << 21), "too large"),
        (b"-no-such-option", "no-such-option"),
    ],
)
def test_a_bad_file_is_told_by_its_name(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "guest"
    path.write_bytes(content)
    with pytest.raises(GuestError, match=said) as failure:
        read_guests(path)
    assert str(path) in failure.value.message


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(GuestError, match="cannot read"):
        read_guests(tmp_path / "none")


def test_a_portrait_brings_its_guest() -> None:
    place = Path(__file__).parents[2] / "data" / "portraits"
    path = place / "debian-10.0.13-pc-q35-10.0-virtio-blk-pci.qcp"
    (guest,) = read_guests(path)
    assert guest.machine == "pc-q35-10.0"
    assert any(word.startswith("virtio-blk-pci") for word in guest.arguments)
