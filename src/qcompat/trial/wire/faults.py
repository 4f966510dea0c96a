"""What postcopy needs of the host: page faults of guest memory, handed to QEMU.

The kernel gives userfaultfd(2) with faults of its own only to the privileged, or to whoever may
open /dev/userfaultfd (which QEMU does from 8.1 on, util/userfaultfd.c); a build's sandbox has
neither unless it is told here.
"""

from __future__ import annotations

from collections.abc import Sequence

_FAULTS = (
    *("--cap-add", "CAP_SYS_PTRACE"),
    *("--dev-bind-try", "/dev/userfaultfd", "/dev/userfaultfd"),
)

HINT = (
    "let the kernel give it: sysctl vm.unprivileged_userfaultfd=1, or open /dev/userfaultfd to"
    " this user"
)


def with_faults(command: Sequence[str]) -> list[str]:
    """The words of `builds.run.command`, with what postcopy needs let into the sandbox.

    The capability counts in the sandbox's own process namespace only: it reaches no process
    of the host. A build that runs without a sandbox has what its user has.
    """
    words = list(command)
    if "bwrap" not in words:
        return words
    end = words.index("--", words.index("bwrap"))
    return [*words[:end], *_FAULTS, *words[end:]]
