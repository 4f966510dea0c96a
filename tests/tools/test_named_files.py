"""What a build opens when its properties name a file, by a trace, and that no guest has it."""

import shutil

import pytest

from qcompat.builds.build import Build
from qcompat.builds.facts import BuildFacts
from qcompat.builds.run import sandbox
from tools.named_files import leaks, named_properties, opened

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(not shutil.which("strace"), reason="no strace here"),
    pytest.mark.skipif(bool(sandbox.why_not()), reason="no bubblewrap here"),
]
KNOWN = {"boot.splash", "cdat", "evdev", "firmware", "frudatafile", "kernel", "romfile", "sdrfile"}


async def test_no_property_that_opens_a_file_stays_in_a_guest(
    newest: Build, newest_facts: BuildFacts
) -> None:
    """Of each property one type of device or machine is tried; `tools.named_files` tries all."""
    found = await named_properties(newest, newest_facts)
    each = {n.name: n for n in sorted(found, key=lambda n: ("q35" in n.type, n.type))}
    opening = {name for name, named in each.items() if opened(newest, named.arguments)}
    assert opening >= KNOWN
    assert [name for name in sorted(opening) if leaks(each[name])] == []


async def test_properties_are_those_of_devices_objects_and_machines(
    newest: Build, newest_facts: BuildFacts
) -> None:
    found = {(n.type, n.name) for n in await named_properties(newest, newest_facts)}
    assert found >= {("e1000", "romfile"), ("rng-random", "filename"), ("ICH9-LPC", "romfile")}
