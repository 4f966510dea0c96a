"""Running a program of the system, such as apt, so that it never outlives qcompat."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO

import msgspec

from qcompat.builds.run.tether import kill, tethered
from qcompat.errors import FetchError

_PLAIN = {"LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


class Outcome(msgspec.Struct, frozen=True):
    """What a program printed, and its exit code."""

    output: str
    errors: str
    code: int


def run(
    words: Sequence[str],
    *,
    directory: Path | None = None,
    status: Callable[[str], None] | None = None,
) -> Outcome:
    """Run a program to its end; `status` gets each line that it writes to a descriptor.

    The number of that descriptor replaces a word `{status}`.
    Errors: FetchError when the program is not installed.
    """
    if shutil.which(words[0]) is None:
        raise FetchError(
            f"cannot fetch builds: {words[0]} is not on this machine",
            "fetch on a Debian or Ubuntu machine, or register a QEMU of yours: builds add",
        )
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        ours, theirs = os.pipe()
        with os.fdopen(ours, errors="replace") as lines:
            try:
                process = subprocess.Popen(
                    tethered([word.replace("{status}", str(theirs)) for word in words]),
                    cwd=directory,
                    env={**os.environ, **_PLAIN},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                    pass_fds=[theirs],
                    start_new_session=True,
                )
            finally:
                os.close(theirs)
            _follow(process, lines, status)
        return Outcome(_text(output), _text(errors), process.returncode)


def _follow(
    process: subprocess.Popen[bytes], lines: Iterable[str], status: Callable[[str], None] | None
) -> None:
    with process:
        try:
            for line in lines:
                if status:
                    status(line.rstrip())
            process.wait()
        except BaseException:
            kill(process)
            raise


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")
