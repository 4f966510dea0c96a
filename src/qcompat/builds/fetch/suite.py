"""A suite as a user names it, and the sources that its packages come from."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from qcompat.builds.fetch.archive import Archive, archive_called
from qcompat.errors import UsageError

_SPEC = re.compile(
    r"(?P<archive>[a-z][a-z0-9]*)/(?P<base>[a-z][a-z0-9]*)(?P<overlay>-[a-z]+(?:-[a-z]+)?)?"
)
_PART_OF_BASE = ("-security", "-updates")
_OVER_SID = ("experimental", "rc-buggy")


class Suite(msgspec.Struct, frozen=True):
    """`name` as asked for, in `archive`; `base` the release it stands on.

    `overlay` is a suite whose packages apt takes only on demand, such as
    `bookworm-backports`; empty for a release itself. `optional` suites belong to the base and
    are used where they exist: an old release loses them.
    """

    name: str
    base: str
    overlay: str = ""
    optional: tuple[str, ...] = ()
    archive: Archive = archive_called("debian")

    @property
    def spec(self) -> str:
        """As the user names it."""
        return f"{self.archive.name}/{self.name}"

    @property
    def below(self) -> Suite | None:
        """The release of another archive that it stands on."""
        over = self.archive.over
        return parse_suite(f"{over}/{self.base}") if over else None


def parse_suite(spec: str, components: Sequence[str] = ()) -> Suite:
    """The suite of `debian/bookworm`, `ubuntu/noble`, `debian/trixie-backports`, …

    `components` are used instead of the archive's own. Errors: UsageError.
    """
    seen = _SPEC.fullmatch(spec)
    if seen is None:
        raise UsageError(
            f"{spec[:80]!r} is not a suite that builds can be fetched from",
            "name one as ARCHIVE/SUITE: debian/bookworm, debian/bookworm-backports, ubuntu/noble",
        )
    archive = archive_called(seen["archive"], components)
    base, suffix = seen["base"], seen["overlay"] or ""
    name = f"{base}{suffix}"
    if base in _OVER_SID:
        return Suite(name, "sid", overlay=base, archive=archive)
    beside = () if base in archive.rolling else archive.beside
    optional = tuple(f"{base}-{each}" for each in beside)
    overlay = "" if suffix in ("", *_PART_OF_BASE) else name
    return Suite(name, base, overlay, optional, archive)
