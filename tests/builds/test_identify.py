from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.identify import confirm, identify, why_unusable
from qcompat.builds.learn.ask import Answer
from qcompat.errors import BuildError
from tests.builds.build_samples import native
from tests.builds.elf_writer import write_elf


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program of this machine's kind, at a place of its own."""
    return Path(shutil.copy("/bin/true", tmp_path / "qemu-system-x86_64"))


def _says(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    monkeypatch.setattr("qcompat.builds.identify.ask", lambda *_: answer)


@pytest.mark.parametrize(
    ("said", "version", "package"),
    [
        ("7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)", "7.2.22", "Debian 1:7.2+dfsg-7+deb12u18+b3"),
        ("10.0.0", "10.0.0", ""),
        ("9.2.50 (v9.2.0-10-g1234)", "9.2.50", "v9.2.0-10-g1234"),
        ("9.0.0 (qemu-kvm-9.0.0-10.el9)", "9.0.0", "qemu-kvm-9.0.0-10.el9"),
    ],
)
def test_what_the_build_says_is_its_identity(
    said: str, version: str, package: str, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = f"warning: x\nQEMU emulator version {said}\nCopyright (c) 2003-2022\n"
    _says(monkeypatch, Answer(told.encode(), "", 0))
    digest = hashlib.sha256(program.read_bytes()).hexdigest()
    assert identify(native(str(program))) == BuildIdentity(version, package, digest)


@pytest.mark.parametrize(
    ("answer", "reason", "hint"),
    [
        (Answer(b"", "x: error while loading shared libraries: libfoo.so.1: cannot open", 127),
         "libfoo.so.1", "install that library"),
        (Answer(b"", "/lib/libc.so.6: version `GLIBC_2.38' not found", 1), "GLIBC", "--root DIR"),
        (Answer(b"", "bwrap: execvp x: Permission denied", 1), "denied", "permissions"),
        (Answer(b"", "", 139), "code 139 and said nothing", "by hand"),
        (Answer(b"", "", 0), "code 0 and said nothing", "by hand"),
    ],
)  # fmt: skip
def test_build_that_cannot_run_says_why(
    answer: Answer, reason: str, hint: str, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _says(monkeypatch, answer)
    with pytest.raises(BuildError, match=reason) as failure:
        identify(native(str(program)))
    assert hint in failure.value.hint


def test_other_program_is_called_by_what_it_calls_itself(program: Path) -> None:
    with pytest.raises(BuildError, match=r"it reports 'true \(GNU coreutils\)"):
        identify(native(str(program)))


def test_program_for_another_machine_is_told_before_it_is_run(tmp_path: Path) -> None:
    path = tmp_path / "qemu"
    content = bytearray(write_elf("<", 0x4000, b"\0"))
    content[18] = 0xB7 if os.uname().machine == "x86_64" else 0x3E
    path.write_bytes(content)
    path.chmod(0o755)
    with pytest.raises(BuildError, match=r"is built for (aarch64|x86_64), this machine is"):
        identify(native(str(path)))


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (b"#!/bin/sh\nexec qemu\n", 0o755, "is a script"),
        (b"text", 0o755, "is not a QEMU binary: not a 64-bit ELF file"),
        (b"\x7fELF\x02\x01", 0o755, "is not a QEMU binary"),
        (b"\x7fELF", 0o644, "is not executable"),
    ],
)
def test_what_is_no_binary_is_told(content: bytes, mode: int, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "qemu"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(BuildError, match=reason):
        identify(native(str(path)))


def test_missing_binary_is_told(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="No such file or directory"):
        identify(native(str(tmp_path / "none")))
    with pytest.raises(BuildError, match="but a directory"):
        identify(native(str(tmp_path)))


def test_binary_that_was_replaced_is_noticed(program: Path) -> None:
    digest = hashlib.sha256(program.read_bytes()).hexdigest()
    build = Build("mine", BuildIdentity("1.0", "", digest), "native", str(program))
    confirm(build)
    assert why_unusable(build) == ""
    program.write_bytes(program.read_bytes() + b"\0")
    assert "has changed since it was registered" in why_unusable(build)
    with pytest.raises(BuildError, match="has changed since it was registered"):
        confirm(build)


@pytest.mark.lab
def test_registered_builds_are_what_they_were(builds: Mapping[str, Build]) -> None:
    for build in builds.values():
        assert identify(build) == build.identity
