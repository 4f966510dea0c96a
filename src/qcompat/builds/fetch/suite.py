"""A Debian suite as a user names it, and the sources that its packages come from."""

from __future__ import annotations

import re

import msgspec

from qcompat.errors import UsageError

_SPEC = re.compile(r"debian/(?P<base>[a-z][a-z0-9]*)(?P<overlay>-[a-z]+(?:-[a-z]+)?)?")
_PART_OF_BASE = ("-security", "-updates")
# Suites that Debian never gave security or update suites of their own.
_ROLLING = ("sid", "unstable")
_OVER_SID = ("experimental", "rc-buggy")


class Suite(msgspec.Struct, frozen=True):
    """`name` as asked for; `base` the release it stands on.

    `overlay` is a suite whose packages apt takes only on demand, such as
    `bookworm-backports`; empty for a release itself. `optional` suites belong to the base and
    are used where they exist: an old release loses them.
    """

    name: str
    base: str
    overlay: str = ""
    optional: tuple[str, ...] = ()


def parse_suite(spec: str) -> Suite:
    """The suite of `debian/bookworm`, `debian/trixie-backports`, … Errors: UsageError."""
    seen = _SPEC.fullmatch(spec)
    if seen is None:
        raise UsageError(
            f"{spec!r} is not a suite that builds can be fetched from",
            "name one as debian/SUITE: debian/bookworm, debian/bookworm-backports, debian/sid",
        )
    base, suffix = seen["base"], seen["overlay"] or ""
    name = f"{base}{suffix}"
    if base in _OVER_SID:
        return Suite(name, "sid", overlay=base)
    optional = () if base in _ROLLING else (f"{base}-security", f"{base}-updates")
    return Suite(name, base, "" if suffix in ("", *_PART_OF_BASE) else name, optional)
