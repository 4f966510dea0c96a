"""The two hosts of `qcompat check`, as their captures tell of them."""

from __future__ import annotations

from pathlib import Path

from qcompat.compare.hosts.differences import HostPair
from qcompat.errors import UsageError


def hosts_of_check(
    source: Path | None, target: Path | None, *, is_repaired: bool
) -> HostPair | None:
    """Both hosts; None where none is given. Errors: UsageError."""
    if source is None and target is None:
        return None
    if source is None or target is None:
        raise UsageError(
            "a capture is given for one host only, and hosts count by what differs between them",
            "give both --source-host and --target-host",
        )
    if is_repaired:  # candidates are started here, by a kernel that is neither host's
        raise UsageError(
            "--repair tries its candidates on this machine, and knows nothing of other hosts",
            "leave out --repair, or the hosts; what makes hosts alike is told by "
            "qcompat host lines and qcompat cpu baseline",
        )
    from qcompat.hosts.read.recognise import read_host

    return HostPair(read_host(source), read_host(target))
