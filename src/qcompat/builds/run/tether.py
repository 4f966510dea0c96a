"""Tying a program, and all that it starts, to this process: none outlives it.

Bubblewrap's own `--die-with-parent` is not enough: of its two processes the inner one asks to
die with the outer one only after it has made all mounts, 10 ms or more after it was forked
(bubblewrap.c of 0.8.0), so killing the outer one in between leaves a QEMU behind. So a shell is
started above them; it kills its whole process group when its parent dies.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence

# The kernel sends the signal only if the parent dies after the process has asked for it; a parent
# that died before is noticed by its number. The shell must lead its own group, or killing the
# group would hit others. A command in the background has no standard input unless it is reopened,
# which works for all but sockets; a duplicate could take a descriptor that QEMU inherits.
_SHELL = """
read -r _ _ _ parent group _ < /proc/$$/stat
if [ "$parent $group" != "$0 $$" ]; then
    echo "not started by process $0 in a session of its own" >&2
    exit 125
fi
trap 'kill -KILL 0' TERM
"$@" </proc/$$/fd/0 &
wait $!
"""


def tethered(words: Sequence[str]) -> list[str]:
    """The words, changed so that the program dies when the thread that started it ends.

    Start them from this very process, in a new session (`start_new_session=True`), and kill them
    with `kill`; started otherwise, they end with exit code 125 at once.
    Without setpriv (util-linux) the words are returned as they are.
    """
    if shutil.which("setpriv") is None:
        return list(words)
    shell = ("/bin/sh", "-c", _SHELL, str(os.getpid()))
    return ["setpriv", "--pdeathsig", "TERM", *shell, *words]


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a program that was started in a session of its own, with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
