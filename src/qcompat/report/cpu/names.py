"""Lists of features and hosts, short enough to be read: the rest is counted."""

from __future__ import annotations

from collections.abc import Sequence

_MOST = 24
_MOST_HOSTS = 4


def listed(names: Sequence[str], *, verbose: bool = False, most: int = _MOST) -> str:
    """`avx, avx2 and 3 more`."""
    if verbose or len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def hosts_listed(names: Sequence[str], *, verbose: bool = False) -> str:
    """The hosts, or their number where they are many."""
    if verbose or len(names) <= _MOST_HOSTS:
        return ", ".join(names)
    return f"{', '.join(names[: _MOST_HOSTS - 1])} and {len(names) - _MOST_HOSTS + 1} more"
