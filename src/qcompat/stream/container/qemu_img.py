"""Asking `qemu-img`, and what its refusals mean."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

from qcompat.errors import EnvironmentError_, FileFormatError, QcompatError, UsageError
from qcompat.stream.container import tool
from qcompat.stream.container.scratch import scratch

# The longest list of snapshots that QEMU reads is of 64 MiB (block/qcow2.h, 10.2); an image
# that anybody made has some kilobytes of them.
_LONGEST_ANSWER = 16 << 20
# the name is a whole tree of layers that the reader never wrote
_NAME = r"Could not open '(json:.*|/proc/self/fd/\d+)': (qcow2: )?"


def ask(words: Sequence[str], *, image: str, descriptors: Sequence[int], seconds: float) -> bytes:
    """What `qemu-img` prints for these arguments; `image` is what messages call the image.

    Errors: UsageError if it is not installed, or the image is in use; FileFormatError for an
    image that it cannot work with; EnvironmentError_ if room or time is lacking.
    """
    with scratch() as output, scratch() as errors:
        process = tool.start(
            ("qemu-img", *words), stdout=output, stderr=errors, descriptors=descriptors
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise _too_slow(words[0], image, seconds) from None
        finally:
            tool.end(process)
        if code < 0:
            raise _refusal(image, f"qemu-img {words[0]} {tool.how_ended(code)}")
        if code:
            raise _refusal(image, tool.said(errors, "qemu-img", _NAME))
        output.seek(0)
        return output.read(_LONGEST_ANSWER)


def _refusal(image: str, said: str) -> QcompatError:
    message = f"cannot take the state of a guest out of {image}: {said}"
    if "No space left" in said:
        return EnvironmentError_(message, "set TMPDIR to a directory with more room")
    if re.search(r"Failed to get .* lock|Failed to lock", said):
        return UsageError(message, "end the guest that uses the image, or give a copy of it")
    return FileFormatError(message, "see what `qemu-img check` says of a copy of the image")


def _too_slow(command: str, image: str, seconds: float) -> EnvironmentError_:
    return EnvironmentError_(
        f"cannot take the state of a guest out of {image}: qemu-img {command} did not end within"
        f" {seconds:.0f} seconds",
        "copy the image to a faster disk, or, on the guest's host, load the snapshot and save"
        " the guest to a file",
    )
