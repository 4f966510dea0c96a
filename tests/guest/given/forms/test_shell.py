"""A shell's words are those that a real shell makes of them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.errors import GuestError
from qcompat.guest.given.forms.shell import split_words
from qcompat.guest.given.recognise import recognise


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-name guest=vm#1 -m 4G", ["-name", "guest=vm#1", "-m", "4G"]),
        ("-machine q35 \\\n# -m 1G\n-m 4G", ["-machine", "q35", "-m", "4G"]),
        ("-machine q35 \\\n# the end", ["-machine", "q35"]),
        ("-m 4G # -smp 2 \\\n-smp 4", ["-m", "4G", "-smp", "4"]),
        ("-m 4\\\nG -name a\\ b", ["-m", "4G", "-name", "a b"]),
        ("-name 'a # b\\\nc'", ["-name", "a # b\\\nc"]),
        ('-name "a # \\"b\\"\\\nc\\d"', ["-name", 'a # "b"c\\d']),
        ("-set '' -m 4G \\", ["-set", "", "-m", "4G"]),
        ("-append $(reboot)`x`#1", ["-append", "$(reboot)`x`#1"]),
        ("-machine q35 \\\r\n -m 4G\r\n", ["-machine", "q35", "-m", "4G"]),
        ("-name a\u00a0b", ["-name", "a\u00a0b"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert list(split_words(text)) == words


@given(st.text(alphabet="ab#'\"\\ \t", max_size=30))
@settings(max_examples=60)
def test_words_are_those_of_sh(text: str) -> None:
    """Within one command; `_` keeps a line that ends in a backslash from joining the next."""
    text += " _"
    script = f"printf '%s\\0' {text}\n"
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=False)
    try:
        words = list(split_words(text))
    except GuestError:
        assert done.returncode
        return
    assert done.stdout.decode().split("\0")[:-1] == (words or [""])


def test_an_open_quote_is_named_with_its_line() -> None:
    with pytest.raises(GuestError, match=r"vm\.sh: a quote ' in line 4 does not end"):
        recognise(b"qemu-kvm -m 4G \\\n-name 'a\nb' \\\n  -append 'c\n", "vm.sh")


def test_lines_go_on_with_the_guest_above_until_another_emulator() -> None:
    text = b"#!/bin/sh\nexec kvm -m 1G\n-smp 2\n\nA=b /usr/bin/qemu-kvm \\\n-m 2G\n"
    first, second = recognise(text, "all.sh")
    assert first.words == ("exec", "kvm", "-m", "1G", "-smp", "2")
    assert second.words == ("A=b", "/usr/bin/qemu-kvm", "-m", "2G")
    assert (first.where, second.where) == ("all.sh, line 2", "all.sh, line 5")


def test_a_name_alone_on_a_line_begins_no_guest() -> None:
    (only,) = recognise(b"-accel\nkvm\n-m\n4G\n", "options")
    assert only.words == ("-accel", "kvm", "-m", "4G")


def test_many_words_and_lines_take_no_time() -> None:
    (only,) = recognise(b"-m 4G\n" * 200_000, "long")
    assert len(only.words) == 400_000
    assert len(recognise(b"kvm -m 4G\n" * 100_000, "long")) == 100_000
    assert len(split_words('"' + 'a\\"' * 1_000_000 + '"')) == 1
