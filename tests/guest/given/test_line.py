"""A user's line is read with the configuration files that it names."""

import os
from pathlib import Path

import pytest

from qcompat.errors import GuestError
from qcompat.guest.arguments import parse
from qcompat.guest.given import line
from qcompat.guest.given.line import MOST_BYTES, guest_of

BALLOON = '[device "balloon"]\n  driver = "virtio-balloon-pci"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "guest.conf"
    path.write_text(BALLOON)
    return path


def test_a_device_in_a_file_is_one_of_the_line(file: Path) -> None:
    inline = parse(["-M", "q35", "-device", "virtio-balloon-pci,id=balloon"])
    assert guest_of(["-M", "q35", "-readconfig", str(file)]) == inline


def test_files_take_effect_where_they_stand(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_text('[memory]\nsize = "64"\n')
    large.write_text('[memory]\nsize = "1G"\nslots = "2"\n')
    words = ["-m", "32", "-readconfig", str(large), "-readconfig", str(small)]
    assert guest_of(words) == parse(["-m", "64,slots=2"])
    assert guest_of([*words, "-m", "128"]) == parse(["-m", "128,slots=2"])


def test_a_set_changes_what_a_file_says(file: Path) -> None:
    words = ["-readconfig", str(file), "-set", "device.balloon.deflate-on-oom=on"]
    assert "virtio-balloon-pci,id=balloon,deflate-on-oom=on" in guest_of(words).arguments


def test_what_a_file_names_is_not_opened(file: Path) -> None:
    file.write_text('[drive "d"]\nif = "virtio"\nformat = "raw"\nfile = "/no/such/disk"\n')
    guest = guest_of(["-readconfig", str(file)])
    assert not [word for word in guest.arguments if "/no/such" in word]
    assert guest.uncovered


def test_a_device_of_the_host_in_a_file_is_left_out_and_named(file: Path) -> None:
    file.write_text('[device "gpu"]\ndriver = "vfio-pci"\nhost = "01:00.0"\n')
    inline = guest_of(["-device", "vfio-pci,id=gpu,host=01:00.0"])
    assert guest_of(["-readconfig", str(file)]) == inline
    assert [each.subject for each in inline.uncovered] == ["-device vfio-pci,id=gpu,host=01:00.0"]


@pytest.mark.parametrize("name", ["/dev/fd/3", "/dev/stdin", "/proc/self/fd/0"])
def test_a_file_of_the_process_that_started_qemu_cannot_be_read(name: str) -> None:
    with pytest.raises(GuestError, match="process that started QEMU") as error:
        guest_of(["-readconfig", name])
    assert "save it where it can be read" in error.value.hint


def test_a_missing_file_says_what_to_do() -> None:
    with pytest.raises(GuestError, match="No such file") as error:
        guest_of(["-readconfig", "/no/such/guest.conf"])
    assert "its contents as arguments" in error.value.hint
    with pytest.raises(GuestError) as error:
        guest_of(["-readconfig", "/usr/share/qemu-server/no-such.cfg"])
    assert "Proxmox VE" in error.value.hint


def test_only_regular_files_of_some_size_are_read(tmp_path: Path) -> None:
    pipe, large, binary = tmp_path / "pipe", tmp_path / "large", tmp_path / "binary"
    os.mkfifo(pipe)
    large.write_bytes(b"#" * (MOST_BYTES + 1))
    binary.write_bytes(b"[machine]\n\0")
    for path, problem in (
        (pipe, "not a regular file"),
        (tmp_path, "not a regular file"),
        (Path("/dev/zero"), "not a regular file"),
        (large, "more than 1 MiB"),
        (binary, "zero bytes"),
    ):
        with pytest.raises(GuestError, match=problem):
            guest_of(["-readconfig", str(path)])


def test_a_line_of_thousands_of_files_is_refused(file: Path) -> None:
    with pytest.raises(GuestError, match="more than 32 times"):
        guest_of(["-readconfig", str(file)] * 1000)


def test_arguments_that_qcompat_wrote_open_no_file(file: Path) -> None:
    with pytest.raises(GuestError, match="not read here"):
        parse(["-readconfig", str(file)])


def test_the_file_that_qemu_reads_of_itself_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not guest_of(["-M", "q35"]).uncovered
    monkeypatch.setattr(line, "DEFAULTS", file)
    (said,) = guest_of(["-M", "q35"]).uncovered
    assert said.subject == str(file)
    assert not guest_of(["-M", "q35", "-no-user-config"]).uncovered
