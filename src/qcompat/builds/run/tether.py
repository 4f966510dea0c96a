"""Tying a program, and all that it starts, to this process: none outlives it.

Bubblewrap's own `--die-with-parent` is not enough: each of its two processes asks to die with the
one above only some time after it was started, the inner one after it has made all mounts, 10 ms or
more (bubblewrap.c of 0.8.0). Killed in between, the one above leaves the rest behind. So two shells
are started above them, one the parent of the other, and each kills the whole process group when its
parent dies, or when its child was killed. Whichever one of the processes is killed, at whatever
moment, there is a shell that sees it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Sequence

# The kernel sends the signal only if the parent dies after the process has asked for it; a parent
# that died before is noticed by its number. The first shell must lead its own group, or killing the
# group would hit others. A command in the background has no standard input unless it is reopened,
# which works for all but sockets; a duplicate could take a descriptor that QEMU inherits. The codes
# are those of a child that was ended from outside, by HUP, INT, QUIT, KILL or TERM; a QEMU that
# crashes gives others, which are passed on.
_CHECK = """
read -r _ _ _ parent group _ < /proc/$$/stat
if [ "$parent $group" != "$0 %s" ]; then
    echo "not started by process $0 in a session of its own" >&2
    exit 125
fi
"""
_WATCH = """
trap 'kill -KILL 0' TERM
"$@" </proc/$$/fd/0 &
wait $!
code=$?
case $code in 129|130|131|137|143) kill -KILL 0 ;; esac
exit $code
"""
_INNER = "outer=$1; shift\n" + _CHECK % "$outer" + _WATCH
_OUTER = (
    _CHECK % "$$"
    + f'set -- setpriv --pdeathsig TERM /bin/sh -c {shlex.quote(_INNER)} $$ $$ "$@"\n'
    + _WATCH
)


def tethered(words: Sequence[str]) -> list[str]:
    """The words, changed so that the program dies when the thread that started it ends.

    Start them from this very process, in a new session (`start_new_session=True`), and kill them
    with `kill`; started otherwise, they end with exit code 125 at once.
    Without setpriv (util-linux) the words are returned as they are.
    """
    if shutil.which("setpriv") is None:
        return list(words)
    shell = ("/bin/sh", "-c", _OUTER, str(os.getpid()))
    return ["setpriv", "--pdeathsig", "TERM", *shell, *words]


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a program that was started in a session of its own, with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
