"""Whether a build ran at all, or what should have started it failed.

A build is started by a shell and mostly by bubblewrap (`builds.run`). What they print when they
fail must not pass for QEMU's opinion of a guest, and no wording tells it apart: a guest's own
words come back in QEMU's errors. So these are the signs:

    no exit code in bubblewrap's status   bubblewrap never ran the build, or was killed
    125                                   the shell is not where it should be (`builds.run.tether`)
    126, 127                              the binary, or a library of it, is not there
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from typing import Self

_NEVER_RAN = (125, 126, 127)
_LIMIT = 1 << 16


class StartStatus:
    """A pipe on which bubblewrap reports; without bubblewrap, exit codes have to do."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._is_sandboxed = "bwrap" in command
        self._ours, self.theirs = os.pipe()
        os.set_blocking(self._ours, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._ours)
        os.close(self.theirs)

    @property
    def words(self) -> list[str]:
        """The words that start the build, with a report to `theirs`, which they inherit."""
        words = list(self._command)
        if self._is_sandboxed:
            first = words.index("bwrap") + 1
            words[first:first] = ["--json-status-fd", str(self.theirs)]
        return words

    def has_run(self, exit_code: int | None) -> bool:
        """Whether the build ran; `exit_code` is that of the whole command, which has ended.

        Bubblewrap reports an exit code only if it could execute the program
        (report_child_exited_status, bubblewrap.c of 0.8.0).
        """
        if exit_code is None or exit_code < 0:  # it was killed from here
            return True
        if exit_code in _NEVER_RAN:
            return False
        return not self._is_sandboxed or self._has_reported()

    def _has_reported(self) -> bool:
        lines = b""
        with contextlib.suppress(BlockingIOError):
            lines = os.read(self._ours, _LIMIT)
        return any("exit-code" in json.loads(line) for line in lines.splitlines())
