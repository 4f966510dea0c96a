"""Every form is recognised by its content alone, and what is in no form is one error."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import FileFormatError, GuestError, UsageError
from qcompat.guest.given import recognise as door
from qcompat.guest.given.form import Form
from qcompat.guest.given.recognise import known_forms, read_guest, read_guests, recognise


@pytest.mark.parametrize("form", known_forms(), ids=lambda form: form.name)
def test_an_example_is_recognised_by_its_own_form_alone(form: Form) -> None:
    assert [each.name for each in known_forms() if each.mismatch(form.example) is None] == [
        form.name
    ]
    assert recognise(form.example, "guest")[0].words


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b"# nothing\n", "no words except comments"),
        (b"disk.qcow2 -m 4G", "'disk.qcow2' is neither an emulator nor an option"),
        (b"<network/>", "describes no domain: its root is 'network'; .*'<network/>' is neither"),
        (b"ab\0\0\0\0\3", "not an emulator"),
        (b"\xff\xfe", "an instance of Incus has"),
        (b"'" + b"x" * 1_000_000, "does not end"),
        (b"x" * 1_000_000, "xxx…"),
    ],
)
def test_what_is_in_no_form_is_an_error_that_names_the_forms(data: bytes, said: str) -> None:
    with pytest.raises(FileFormatError, match=f"guest.img holds no guest: .*{said}") as caught:
        recognise(data, "guest.img")
    assert "/proc/PID/cmdline" in caught.value.hint
    assert len(caught.value.message) < 300


def test_a_missing_or_endless_file_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileFormatError, match="cannot read"):
        read_guests(tmp_path / "none")
    monkeypatch.setattr(door, "MOST_BYTES", 1 << 10)
    (tmp_path / "long").write_bytes(bytes(2 << 10))
    with pytest.raises(FileFormatError, match="too large"):
        read_guests(tmp_path / "long")
    with pytest.raises(FileFormatError, match="but a device"):
        read_guests(Path("/dev/zero"))


def test_where_one_guest_is_asked_for_several_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "all.sh"
    path.write_text("kvm -m 1G\nkvm -m 2G\n")
    assert len(read_guests(path)) == 2
    with pytest.raises(UsageError, match="holds 2 guests"):
        read_guest(path)


@given(
    st.binary()
    | st.text(alphabet="ab#-'\"\\ \n\t=").map(str.encode)
    | st.lists(st.sampled_from([b"kvm", b"-m", b"\0", b" ", b"\n", b"'", b"\\"])).map(b"".join)
)
def test_any_bytes_are_guests_or_one_error(data: bytes) -> None:
    with suppress(GuestError, FileFormatError):
        guests = recognise(data, "guest")
        assert guests
        assert all(guest.words for guest in guests)
