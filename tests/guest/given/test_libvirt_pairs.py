"""libvirt's own pairs: the guest read from XML is that of libvirt's command line."""

from __future__ import annotations

import pytest

from tools.libvirt_pairs import scored
from tools.libvirt_source import pairs_of

SHARE = 0.95
"""At least so many of the pairs make the same guest."""
UNNAMED = 0.015
"""At most so many differ without a word; each is listed by `python -m tools.libvirt_pairs`."""


@pytest.mark.lab
def test_the_guest_of_the_xml_is_that_of_the_command_line() -> None:
    tests = pairs_of()
    if not tests.is_dir():
        pytest.skip(f"libvirt's pairs are not in {tests}: python -m tools.lab fetches them")
    pairs = list(scored(tests))
    assert len(pairs) > 700
    differing = [pair for pair in pairs if pair.differs]
    assert 1 - len(differing) / len(pairs) >= SHARE
    unnamed = [pair.name for pair in differing if not pair.named]
    assert len(unnamed) / len(pairs) <= UNNAMED, unnamed


@pytest.mark.lab
def test_the_board_virt_of_arm_is_read_and_no_other_board_silently() -> None:
    tests = pairs_of()
    if not tests.is_dir():
        pytest.skip(f"libvirt's pairs are not in {tests}: python -m tools.lab fetches them")
    pairs = list(scored(tests, "aarch64"))
    differing = [pair for pair in pairs if pair.differs]
    assert [pair.name for pair in differing if not pair.named] == []
    refused = [pair for pair in differing if pair.differs[0].startswith("error: it ")]
    read = len(pairs) - len(refused)
    assert read >= 53
    assert 1 - (len(differing) - len(refused)) / read >= SHARE
