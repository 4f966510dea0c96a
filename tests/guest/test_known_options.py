"""The table of options is that of every build."""

import re
import subprocess
from collections.abc import Iterator, Mapping

import pytest

from qcompat.builds.build import Build
from qcompat.builds.run.command import command
from qcompat.guest.configuration import groups
from qcompat.guest.known_options import known_options
from qcompat.portrait.portrait import Accel
from qcompat.qemu.launch import launch

_NAMED = re.compile(r"^-([A-Za-z][\w-]*)(?:(?:/| or )-([A-Za-z][\w-]*))?", re.MULTILINE)
"""`-hda/-hdb file`, `-h or -help`; other lines begin with spaces or without a dash."""
NOT_OPTIONS = {
    "",
    "semihosting-config",  # of other architectures
}
"""Groups of QEMU that are no section of a guest's; the first is one without a name."""


def _help(build: Build) -> str:
    """What `-help` prints; its own process group, as the sandbox wants it."""
    words = [*command(build), "-help"]
    done = subprocess.run(
        words, capture_output=True, check=True, start_new_session=True, stdin=subprocess.DEVNULL
    )
    return done.stdout.decode()


def _options(text: str) -> Iterator[str]:
    for first, second in _NAMED.findall(text):
        yield first
        if second:
            yield second


@pytest.mark.lab
def test_every_option_in_the_help_of_every_build_has_a_class(builds: Mapping[str, Build]) -> None:
    for build in builds.values():
        found = set(_options(_help(build)))
        assert len(found) > 100
        assert found <= known_options().keys(), build.name


@pytest.mark.lab
async def test_every_section_of_every_build_belongs_to_an_option(
    builds: Mapping[str, Build], accel: Accel
) -> None:
    for build in builds.values():
        async with launch(command(build), ["-accel", accel, "-machine", "none"]) as qemu:
            said = await qemu.execute("query-command-line-options")
        assert isinstance(said, list)
        found = {str(each["option"]) for each in said}
        assert "device" in found
        assert found - NOT_OPTIONS <= groups().keys(), build.name


def test_an_option_that_is_dropped_and_may_be_missed_says_why() -> None:
    for name, entry in known_options().items():
        assert bool(entry.reason) == (entry.fate == "uncovered"), name
        assert bool(entry.hint) == (entry.fate == "refused" and not entry.alias), name


def test_an_alias_names_an_option() -> None:
    for entry in known_options().values():
        assert not entry.alias or not known_options()[entry.alias].alias
