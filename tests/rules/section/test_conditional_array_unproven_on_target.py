"""What a booted guest would send is foretold from the arguments, before it has booted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest

from qcompat.builds.build import Build
from qcompat.compare.comparison import compare
from qcompat.portrait.portrait import Portrait
from qcompat.rules.section.conditional_array_unproven_on_target import conditional_arrays, find

Recording = Callable[[str], Portrait]


def with_smp(portrait: Portrait, smp: str) -> Portrait:
    words = (*portrait.guest.arguments, "-smp", smp)
    guest = msgspec.structs.replace(portrait.guest, arguments=words)
    return msgspec.structs.replace(portrait, guest=guest)


def test_it_says_how_many_elements_each_end_has(recording: Recording) -> None:
    (found,) = find(compare(recording("empty@7.2.22"), recording("two-cpus@7.2.22")))

    assert (found.certainty, found.promise) == ("possible", "loads")
    assert (found.args["sent"], found.args["expected"]) == (1, 2)
    assert found.args["name"] == "ich9_pm/cpuhp"


def test_processors_that_can_be_plugged_count(recording: Recording) -> None:
    portrait = recording("empty@10.0.13")
    plugged = with_smp(portrait, "cpus=2,maxcpus=4"), with_smp(portrait, "cpus=1,maxcpus=4")

    assert list(find(compare(*plugged))) == []
    assert len(list(find(compare(plugged[0], with_smp(portrait, "cpus=2"))))) == 1


def test_what_is_sent_is_left_to_the_rules_about_streams(recording: Recording) -> None:
    """11.1 sends the state always."""
    portrait = recording("empty@11.1.3")

    assert list(find(compare(portrait, with_smp(portrait, "2")))) == []


@pytest.mark.lab
def test_every_state_of_the_table_is_one_of_a_build(builds: Mapping[str, Build]) -> None:
    binaries = [Path(f"{build.root}{build.binary}").read_bytes() for build in builds.values()]
    arrays = [array for entries in conditional_arrays().values() for array in entries]

    for array in arrays:
        name = re.escape(array.name.encode())
        assert any(re.search(rb"\0" + name + rb"\0", binary) for binary in binaries), array.name
