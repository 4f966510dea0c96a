from __future__ import annotations

import pytest

from qcompat.builds.fetch.suite import Suite, parse_suite
from qcompat.errors import UsageError


@pytest.mark.parametrize(
    ("spec", "base", "overlay", "optional"),
    [
        ("debian/bookworm", "bookworm", "", ("bookworm-security", "bookworm-updates")),
        ("debian/bookworm-backports", "bookworm", "bookworm-backports",
         ("bookworm-security", "bookworm-updates")),
        ("debian/bullseye-backports-sloppy", "bullseye", "bullseye-backports-sloppy",
         ("bullseye-security", "bullseye-updates")),
        ("debian/trixie-security", "trixie", "", ("trixie-security", "trixie-updates")),
        ("debian/sid", "sid", "", ()),
        ("debian/experimental", "sid", "experimental", ()),
    ],
)  # fmt: skip
def test_suite_stands_on_a_release(
    spec: str, base: str, overlay: str, optional: tuple[str, ...]
) -> None:
    assert parse_suite(spec) == Suite(spec.removeprefix("debian/"), base, overlay, optional)


@pytest.mark.parametrize(
    "spec",
    ["", "bookworm", "debian/", "debian/Bookworm", "ubuntu/noble", "debian/sid main", "debian/../x",
     "debian/a-b-c-d", "debian/sid\nsid", "debian/-x"],
)  # fmt: skip
def test_anything_else_is_refused(spec: str) -> None:
    with pytest.raises(UsageError, match="is not a suite") as failure:
        parse_suite(spec)
    assert "debian/bookworm" in failure.value.hint
