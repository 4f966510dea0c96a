"""One short question to a build, which runs, prints and ends, within limits of time and output.

Questions about a guest go over QMP to a running QEMU (`qcompat.qemu`) instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import subprocess
import time
from collections.abc import Sequence

import msgspec

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.builds.run.tether import kill
from qcompat.errors import BuildError
from qcompat.local.uninterrupted import is_cancelled

LIMIT = 32 << 20
"""Bytes of output after which a build is stopped; the largest real answer is about 1 MB."""


_LOOK = 0.2
"""Seconds after which a question that waits looks whether it is to end."""


class Answer(msgspec.Struct, frozen=True):
    """What a build printed, and its exit code (128 + N when signal N ended it)."""

    output: bytes
    errors: str
    code: int


def ask(
    build: Build,
    arguments: Sequence[str],
    *,
    given: bytes = b"",
    kvm: bool = False,
    seconds: float = 20,
) -> Answer:
    """Run the build with the arguments, and with `given` to read (short), until it ends by itself.

    With `kvm` it sees `/dev/kvm`, if that can be used here.

    Errors: BuildError when it cannot be started, takes more than `seconds`, or prints more
    than LIMIT bytes.
    """
    words = [*command(build, kvm=kvm), *arguments]
    try:
        process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            cwd="/",  # also where there is no sandbox, a bare name is no file of the user's
        )
    except OSError as error:
        raise BuildError(
            f"build {build.name} cannot be started: {error.strerror}: {words[0]}",
            "install util-linux and bubblewrap",
        ) from error
    with process:
        try:
            _give(process, given)
            output, errors = _listen(process, build.name, time.monotonic() + seconds, seconds)
        finally:
            kill(process)
    code = process.returncode
    return Answer(output, errors.decode(errors="replace"), code if code >= 0 else 128 - code)


def _give(process: subprocess.Popen[bytes], given: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin:
        process.stdin.write(given)


def _listen(
    process: subprocess.Popen[bytes], name: str, deadline: float, seconds: float
) -> tuple[bytes, bytes]:
    """Both outputs, until both are closed and the process is gone."""
    assert process.stdout is not None and process.stderr is not None
    heard = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for pipe in heard:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(_LOOK)
            if is_cancelled():
                raise asyncio.CancelledError
            if time.monotonic() > deadline:
                raise _stuck(name, seconds)
            for key, _ in ready:
                piece = os.read(key.fd, 1 << 16)
                heard[key.fileobj].extend(piece)  # type: ignore[index]
                if not piece:
                    selector.unregister(key.fileobj)
            if sum(map(len, heard.values())) > LIMIT:
                raise BuildError(
                    f"build {name} printed more than {LIMIT >> 20} MB when asked a short question",
                    "is that binary a QEMU?",
                )
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise _stuck(name, seconds) from None
    return bytes(heard[process.stdout]), bytes(heard[process.stderr])


def _stuck(name: str, seconds: float) -> BuildError:
    return BuildError(
        f"build {name} did not answer within {seconds:g} s",
        "is that binary a QEMU, and is this machine overloaded?",
    )
