"""Files that no form reads say what they are, and end with the command that gives one that is."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from qcompat.errors import FileFormatError, QcompatError
from qcompat.guest.given import recognise as door
from qcompat.guest.given.line import guest_given
from qcompat.guest.given.recognise import known_forms, read_guest, read_guests
from qcompat.guest.given.unread import unread

STREAMS = Path(__file__).parents[2] / "data" / "streams"
SAVED = sorted(STREAMS.glob("*.save.zst"))


@pytest.mark.parametrize(
    ("content", "what", "command"),
    [
        (b"QFI\xfb\0\0\0\3" + bytes(99), "a disk image in qcow2", "virsh dumpxml NAME"),
        (b"QEVM\0\0\0\3", "a migration stream", "qcompat stream show"),
        (b"\x7fELF\2\1\1", "a program", "/proc/PID/cmdline"),
        (b'# Machine\n[machine]\ntype = "q35"\n', "of QEMU", "-readconfig FILE"),
        (b'guest_os="linux"\ndisk_img="d/disk.qcow2"\n', "of quickemu", "NAME/NAME.sh"),
        (b"# x\nVagrant.configure('2') do |c|\nend\n", "a Vagrantfile", "virsh dumpxml"),
    ],
)
def test_each_kind_names_the_command_that_would_work(
    content: bytes, what: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "guest"
    path.write_bytes(content)
    for limit in (door.MOST_BYTES, 8):
        monkeypatch.setattr(door, "MOST_BYTES", limit)
        with pytest.raises(FileFormatError, match=what) as caught:
            read_guests(path)
        assert command in caught.value.hint


def test_no_form_s_example_is_an_unread_kind() -> None:
    assert [form.name for form in known_forms() if unread(form.example)] == []


@pytest.mark.parametrize("recording", SAVED, ids=lambda path: path.name)
def test_the_guest_of_a_save_image_is_that_of_its_xml(recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "guest.save"
    with recording.open("rb") as packed, path.open("wb") as image:
        zstandard.ZstdDecompressor().copy_stream(packed, image)
    guest = guest_given(read_guest(path))
    assert guest.machine.startswith("pc-")
    assert any(word.startswith("virtio-") for word in guest.arguments)


def test_a_damaged_save_image_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "guest.save"
    for content in (
        b"LibvirtQemudSave",
        b"LibvirtQemudPart" + bytes(80),
        b"LibvirtQemudSave\2" * 9,
    ):
        path.write_bytes(content)
        with pytest.raises(QcompatError) as caught:
            read_guests(path)
        assert caught.value.hint
