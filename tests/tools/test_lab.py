"""A suite counts as had when a registered build is from it, whatever its point release."""

from __future__ import annotations

import pytest

from tools.lab import SUITES, suites_without_build

PACKAGES = {
    "bullseye": "Debian 1:5.2+dfsg-11+deb11u5",
    "bookworm": "Debian 1:7.2+dfsg-7+deb12u18+b3",
    "bookworm-backports": "Debian 1:10.0.2+ds-2+deb13u1~bpo12+1",
    "trixie": "Debian 1:10.0.13+ds-0+deb13u1",
    "sid": "Debian 1:11.1.3+ds-1",
}
"""Package strings that the five builds reported of themselves in November 2026."""


def test_nothing_is_fetched_where_all_are_had() -> None:
    assert suites_without_build(PACKAGES.values()) == []


def test_everything_is_fetched_on_a_fresh_machine() -> None:
    assert suites_without_build([]) == list(SUITES)


@pytest.mark.parametrize("suite", SUITES)
def test_each_package_is_of_one_suite_only(suite: str) -> None:
    others = [package for name, package in PACKAGES.items() if name != suite]
    assert suites_without_build(others) == [suite]


def test_a_build_of_the_user_s_own_is_of_no_suite() -> None:
    assert suites_without_build(["", "v10.0.2-dirty"]) == list(SUITES)
