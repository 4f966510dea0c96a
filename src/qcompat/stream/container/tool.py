"""Starting the tools of the system that this package leaves the work to, and their scratch files.

Never through a shell, without the variables of the user that change what they do (`GZIP`,
`XZ_OPT`), and tied to the thread that started them: the kernel kills them when it ends.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from typing import IO

from qcompat.errors import EnvironmentError_, UsageError

_PACKAGES = {
    "bzip2": "bzip2",
    "cat": "coreutils",
    "gzip": "gzip",
    "lzop": "lzop",
    "qemu-img": "qemu-utils",
    "xz": "xz-utils",
    "zstd": "zstd",
}
_KEPT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
_LONGEST = 300  # characters of a tool's message that ours repeats


def start(
    words: Sequence[str],
    *,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes] = subprocess.DEVNULL,
    descriptors: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a tool; `descriptors` are those it may open again as /proc/self/fd/NUMBER.

    Errors: UsageError if it is not installed, EnvironmentError_ if it cannot be run.
    """
    _find(words[0])
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        return subprocess.Popen(
            _tied(words),
            env={**kept, "LC_ALL": "C.UTF-8"},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=descriptors,
        )
    except OSError as error:
        raise EnvironmentError_(f"cannot run {words[0]}: {error}") from error


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a tool that still runs, and reap it."""
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def first_error(errors: IO[bytes], name: str, forget: str = "$^") -> str:
    """The first line that the tool `name` wrote to this file.

    Without the tool's own name, and without what the pattern `forget` matches.
    """
    errors.seek(0)
    lines = errors.read(1 << 16).decode(errors="replace").split("\n")
    first = next((line.strip() for line in lines if line.strip()), "nothing")
    first = re.sub(forget, "", first.removeprefix(f"{name}: ").rstrip(";"))
    return first[:_LONGEST]


def how_ended(code: int) -> str:
    """An exit code in words."""
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"


def _find(tool: str) -> None:
    if shutil.which(tool) is None:
        raise UsageError(
            f"cannot unwrap the stream: {tool} is not on this machine",
            f"install it; on Debian and Ubuntu: apt install {_PACKAGES[tool]}",
        )


def _tied(words: Sequence[str]) -> list[str]:
    """The words, such that the kernel kills what they start when the starting thread ends."""
    if shutil.which("setpriv") is None:
        return list(words)
    return ["setpriv", "--pdeathsig", "KILL", *words]


def scratch() -> IO[bytes]:
    """A new temporary file without a name: whatever ends this process, nothing is left of it.

    It lies where TMPDIR says. Errors: EnvironmentError_ if it cannot be made.
    """
    try:
        return tempfile.TemporaryFile()
    except OSError as error:
        raise EnvironmentError_(
            f"cannot make a temporary file: {error}", "set TMPDIR to a directory with room"
        ) from error
