"""The identity of a build: what it reports, and the digest of its binary.

A build runs here for the first time, in its own sandbox, so this is also where a build that
cannot run is found out. `fetch.naming` makes names of identities.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from pathlib import Path

from qcompat.arch.architecture import elf_machines
from qcompat.builds.build import Build, BuildIdentity
from qcompat.builds.learn.ask import Answer, ask
from qcompat.builds.learn.elf import LARGEST, Elf
from qcompat.builds.learn.files import binary_of
from qcompat.builds.run import sandbox
from qcompat.errors import BuildError, FileFormatError
from qcompat.local.foreign_file import read_foreign

UNIDENTIFIED = BuildIdentity("", "", "")
"""The identity of a build that was not asked yet."""

# version(), softmmu/vl.c of 7.2.0: QEMU_FULL_VERSION is the version and the package string.
_VERSION = re.compile(
    r"^QEMU emulator version (?P<version>\d+(?:\.\d+)+\S*)(?: \((?P<package>.*)\))?\s*$", re.M
)
NEWER_SYSTEM = "GLIBC_"
"""In the loader's message where the C library is too old (`version `GLIBC_2.38' not found`)."""
_HINTS = (
    ("error while loading shared libraries", "install that library, or name it in LD_LIBRARY_PATH"),
    (
        NEWER_SYSTEM,
        "it was built for a newer system: unpack one, put it there, and add it with --root DIR",
    ),
    ("Exec format error", "it was built for another kind of machine"),
    ("Permission denied", "check the permissions of the binary and the directories above it"),
    (
        "No such file or directory",
        "the loader that it names is not here: name its root, --root DIR",
    ),
)


def identify(build: Build) -> BuildIdentity:
    """The identity of a build from its files as they are now, whatever `build` says.

    Errors: BuildError, with the reason why it cannot run, or what it is instead.
    """
    path = binary_of(build)
    content = _read(path)
    _check_machine(path, content)
    answer = ask(build, ["--version"])
    seen = _VERSION.search(answer.output.decode(errors="replace"))
    if seen is None:
        raise _no_emulator(path, answer)
    return BuildIdentity(
        seen["version"], seen["package"] or "", hashlib.sha256(content).hexdigest()
    )


def confirm(build: Build) -> None:
    """Check that the binary is still the one that was registered. Errors: BuildError."""
    path = binary_of(build)
    if hashlib.sha256(_read(path)).hexdigest() != build.identity.sha256:
        raise BuildError(
            f"build {build.name} has changed since it was registered: {path}",
            f"register what it is now: {_command(build)}",
        )


def _command(build: Build) -> str:
    """What registered the build, or does so now."""
    if not build.given and Path(build.root).name.startswith("root-"):
        return f"qcompat builds remove {build.name}, then fetch it again"
    words = ["qcompat", "builds", "add", build.name]
    if build.given:
        words += build.given
    else:
        words += [build.binary, *(["--root", build.root] if build.root else [])]
    words += [word for place in build.firmware_dirs for word in ("--firmware-dir", place)]
    words += ["--module-dir", build.module_dir] if build.module_dir else []
    return shlex.join(words)


def why_unusable(build: Build) -> str:
    """Why a registered build cannot be run any more, in a few words; empty if it can."""
    if build.kind == "root" and (lacking := sandbox.why_not()):
        return f"bubblewrap: {lacking}"
    try:
        confirm(build)
    except BuildError as error:
        return error.message
    return ""


def _read(path: Path) -> bytes:
    if path.is_file() and not os.access(path, os.X_OK):  # before a gigabyte of it is read
        raise BuildError(f"{path} is not executable", f"chmod +x {path}")
    try:
        return read_foreign(path, LARGEST, "give the path of a binary")
    except FileFormatError as error:
        raise BuildError(error.message, error.hint) from error


def _check_machine(path: Path, content: bytes) -> None:
    if content.startswith(b"#!"):
        raise BuildError(
            f"{path} is a script, and a build is identified by its binary",
            "give the path of the qemu-system-* binary that the script runs",
        )
    try:
        machine = Elf(content).machine
    except ValueError as error:
        raise BuildError(
            f"{path} is not a QEMU binary: {error}", "give the path of a qemu-system-* binary"
        ) from error
    name, here = elf_machines().get(machine, f"ELF machine {machine}"), os.uname().machine
    if machine in elf_machines() and not here.startswith(name):
        raise BuildError(
            f"{path} is built for {name}, this machine is {here}",
            "take a portrait on a host that can run it: qcompat portrait take",
        )


def _no_emulator(path: Path, answer: Answer) -> BuildError:
    said = answer.output.decode(errors="replace").splitlines()[:1]
    if answer.code == 0 and said:
        return BuildError(
            f"{path} is not a QEMU system emulator: it reports {said[0][:80]!r}",
            "give the path of a qemu-system-* binary",
        )
    told = (
        answer.errors.strip().partition("\n")[0]
        or f"it ended with code {answer.code} and said nothing"
    )
    hints = (hint for text, hint in _HINTS if text in told)
    return BuildError(
        f"{path} cannot run: {told[-600:]}", next(hints, f"try it by hand: {path} --version")
    )
