"""The configuration section, on a recording with one thing altered (no build at hand differs)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from qcompat.compare.comparison import compare
from qcompat.portrait.portrait import Portrait
from qcompat.rules.guest.configuration_changed import find

Recording = Callable[[str], Portrait]


def altered(portrait: Portrait, **changes: Any) -> Portrait:
    assert portrait.stream and portrait.stream.configuration
    configuration = msgspec.structs.replace(portrait.stream.configuration, **changes)
    stream = msgspec.structs.replace(portrait.stream, configuration=configuration)
    return msgspec.structs.replace(portrait, stream=stream)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"page_bits": 16}, "target page size (bits)"),
        ({"capabilities": ("x-ignore-shared",)}, "list of migration capabilities"),
    ],
)
def test_what_the_target_checks_blocks(
    recording: Recording, change: dict[str, Any], what: str
) -> None:
    portrait = recording("empty@10.0.13")
    (finding,) = find(compare(altered(portrait, **change), portrait))
    assert (finding.promise, finding.certainty) == ("loads", "certain")
    assert finding.evidence[0].what == what


def test_uuid_is_checked_only_where_both_ends_have_one(recording: Recording) -> None:
    portrait = recording("empty@10.0.13")
    one, other = altered(portrait, uuid="a"), altered(portrait, uuid="b")
    (finding,) = find(compare(one, other))
    assert finding.remedy == "-uuid a"
    assert list(find(compare(one, portrait))) == []


def test_machine_name_has_a_rule_of_its_own(recording: Recording) -> None:
    portrait = recording("empty@10.0.13")
    assert list(find(compare(altered(portrait, machine="other"), portrait))) == []
