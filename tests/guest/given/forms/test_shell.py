"""A shell's words are those that a real shell makes of them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcompat.errors import FileFormatError, GuestError
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


SCRIPT = """#!/usr/bin/env bash
set -e
swtpm socket --ctrl type=unixio,path=web1/web1.swtpm-sock --terminate --tpmstate dir=web1 --tpm2 &
/usr/bin/qemu-system-x86_64 -name web1,process=web1 -machine q35,smm=off,vmport=off \\
    -smp cores=2,threads=1,sockets=1 -m 4G -device virtio-balloon \\
    -drive media=cdrom,index=0,file=web\\ 1/a.iso -monitor none 2>/dev/null > log &
wait
rm -f web1/web1.pid
"""


def test_a_script_is_the_guest_of_its_one_command_with_an_emulator() -> None:
    (given,) = recognise(SCRIPT.encode(), "web1.sh")
    assert given.words[0] == "/usr/bin/qemu-system-x86_64"
    assert given.words[-3:] == ("media=cdrom,index=0,file=web 1/a.iso", "-monitor", "none")


@pytest.mark.parametrize(
    "end", ["&", ";", "2>&1", "> log", ">log 2>&1 &", "|| exit 1", "< /dev/null"]
)
def test_what_a_shell_does_with_a_command_is_no_argument(end: str) -> None:
    (given,) = recognise(f"#!/bin/sh\nkvm -m 1G {end}\n".encode(), "a.sh")
    assert given.words == ("kvm", "-m", "1G")


def test_quoted_operators_are_words() -> None:
    (given,) = recognise(b"kvm -name 'a' -append '>' -set \"&\" -k a\\;", "a.sh")
    assert given.words == ("kvm", "-name", "a", "-append", ">", "-set", "&", "-k", "a;")


@pytest.mark.parametrize("text", ["$MEM", "${MEM}", '"$MEM"', "$(free)", "`free`", "4$UNIT"])
def test_what_a_shell_would_expand_is_named_with_its_line(text: str) -> None:
    with pytest.raises(GuestError, match=r"a\.sh: no shell expands .* in line 2"):
        recognise(f"#!/bin/sh\nkvm -m {text}\n".encode(), "a.sh")


@pytest.mark.parametrize("text", ["'$MEM'", "\\$MEM", '"\\$MEM"', "a$"])
def test_a_dollar_that_no_shell_expands_stays(text: str) -> None:
    (given,) = recognise(f"kvm -name {text}\n".encode(), "a.sh")
    assert given.words[2] in ("$MEM", "a$")


def test_a_script_without_an_emulator_says_so() -> None:
    with pytest.raises(FileFormatError, match="no command that begins with an emulator"):
        recognise(b"#!/bin/sh\necho hello\n", "a.sh")


@pytest.mark.parametrize(
    "front",
    [
        "root      1234  9.8  3.1 5123456 789012 ?  Sl   Nov26  55:01 ", "1234 ",
        "qemu 1234 1 9 Nov26 ? 00:55:01 ", " 1234 ?  Sl 55:01 ", "kvm 1 0 ",
    ],
)  # fmt: skip
def test_a_line_of_ps_is_the_words_behind_its_columns(front: str) -> None:
    (given,) = recognise(f"{front}/usr/bin/qemu-system-x86_64 -name a -m 1G\n".encode(), "ps")
    assert given.words == ("/usr/bin/qemu-system-x86_64", "-name", "a", "-m", "1G")
    assert [part.subject for part in given.uncovered] == ["hot plug"]


def test_lines_of_ps_are_guests_and_others_are_passed_over() -> None:
    text = b"PID TTY TIME CMD\n1 ? 0:01 /sbin/init\n7 ? 0:01 kvm -m 1G\n9 ? 0:01 kvm -m 2G\n"
    assert [each.where for each in recognise(text, "ps")] == ["ps, line 3", "ps, line 4"]


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
