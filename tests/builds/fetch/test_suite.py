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
    ["", "bookworm", "debian/", "debian/Bookworm", "debian/sid main", "debian/../x",
     "debian/a-b-c-d", "debian/sid\nsid", "debian/-x"],
)  # fmt: skip
def test_anything_else_is_refused(spec: str) -> None:
    with pytest.raises(UsageError, match="is not a suite") as failure:
        parse_suite(spec)
    assert "debian/bookworm" in failure.value.hint


def test_other_archives_have_suites_too() -> None:
    noble = parse_suite("ubuntu/noble")
    assert noble.archive.components == ("main", "universe")
    assert noble.optional == ("noble-security", "noble-updates")
    assert noble.below is None
    proxmox = parse_suite("proxmox/trixie")
    assert proxmox.optional == ()
    assert proxmox.below == parse_suite("debian/trixie")
    assert parse_suite("mine/stable", ("a", "b")).archive.components == ("a", "b")
    assert [parse_suite(each).spec for each in ("ubuntu/noble-backports", "debian/sid")] == [
        "ubuntu/noble-backports",
        "debian/sid",
    ]
