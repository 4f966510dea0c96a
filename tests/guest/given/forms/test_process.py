import pytest

from qcompat.guest.given.forms.process import FORM, words_of_process
from qcompat.guest.given.recognise import recognise


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ()),
        (b"qemu\0-m\x001G\0-name\0a b # c\0", ("qemu", "-m", "1G", "-name", "a b # c")),
        (b"qemu\0-set\0\0", ("qemu", "-set", "")),
        (b"qemu\0-m\x001G", ("qemu", "-m", "1G")),
    ],
)
def test_words(data: bytes, words: tuple[str, ...]) -> None:
    assert words_of_process(data) == words


def test_a_program_with_a_name_of_its_own_is_taken_where_an_option_follows() -> None:
    (only,) = recognise(b"/opt/emulator\0-m\x001G\0", "cmdline")
    assert only.words == ("/opt/emulator", "-m", "1G")


def test_the_words_of_a_process_say_that_they_are_those_of_its_start() -> None:
    (given,) = FORM.read(b"qemu-system-x86_64\0-m\0001G\0", "cmdline")
    (note,) = given.uncovered
    assert note.is_noted
    assert "since then is not known" in note.reason
