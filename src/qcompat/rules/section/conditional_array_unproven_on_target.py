"""An array whose length the ends disagree about, in a subsection that this guest did not send yet.

A paused twin sends no state that depends on what the guest does. Where such a state has an array
whose length follows from the arguments (`conditional_arrays.toml`), and those differ, the target
misreads it as soon as the guest has done it: plain `-smp 1` loads from a paused twin with `-smp 2`,
and is refused once Linux has booted (`Missing section footer for 0000:00:1f.0/ICH9LPC`). What a
stream does send is compared by the rules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Literal

import msgspec

from qcompat.compare.comparison import Comparison
from qcompat.compare.guest import options_of
from qcompat.dataset import read_table
from qcompat.portrait.portrait import Portrait
from qcompat.rules.finding import Evidence, Finding
from qcompat.rules.rule import Rule
from qcompat.rules.section.states import description_of, subsections_of
from qcompat.rules.section.subsection_unproven_on_target import processors
from qcompat.rules.subject import state_of, subject_of
from qcompat.stream.model import Section, SectionDescription, Stream

RULE = Rule(
    id="conditional_array_unproven_on_target",
    stage="sections",
    position=10,
    says={
        "": "Once {needed}, the source sends the subsection {name} of the state {state} with an "
        "array of {sent}, and the target expects one of {expected}: it misreads what follows and "
        "refuses the stream"
    },
    foretells=("layout", "invalid field", "cut short", "state"),
)


class ConditionalArray(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `conditional_arrays.toml`; see its head."""

    name: str
    state: str
    needed: str
    counts: Literal["processors"]
    source: str


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    array: tuple[ConditionalArray, ...]


@cache
def conditional_arrays() -> Mapping[str, tuple[ConditionalArray, ...]]:
    """The entries by their state."""
    table = read_table("qcompat.rules", "section/conditional_arrays.toml", _Table)
    states = dict.fromkeys(entry.state for entry in table.array)
    return {s: tuple(entry for entry in table.array if entry.state == s) for s in states}


def find(comparison: Comparison) -> Iterator[Finding]:
    theirs = {section.idstr for section in _sections(comparison.target.stream)}
    for section in _sections(comparison.source.stream):
        for array in conditional_arrays().get(state_of(section.idstr), ()):
            counts = [_COUNTS[array.counts](end) for end in (comparison.source, comparison.target)]
            if counts[0] == counts[1] or section.idstr not in theirs:
                continue
            ends = (comparison.source, comparison.target)
            if not _is_sent(section, array.name) and all(
                _knows(end, section.idstr, array.name) for end in ends
            ):
                yield _finding(comparison, section, array, counts)


def _sections(stream: Stream | None) -> tuple[Section, ...]:
    return stream.sections if stream else ()


def _is_sent(section: Section, name: str) -> bool:
    return section.description is not None and _holds(section.description, name)


def _holds(description: SectionDescription, name: str) -> bool:
    nested = (field.nested for field in description.fields)
    parts = (*description.subsections, *(each for each in nested if each))
    return any(part.vmsd_name == name or _holds(part, name) for part in parts)


def _knows(portrait: Portrait, idstr: str, name: str) -> bool:
    description = description_of(portrait, idstr)
    listed = subsections_of(description) if description is not None else ()
    return any(each.name == name for each in listed) or name in portrait.facts.names


def _processors(portrait: Portrait) -> int:
    given = [value for option, value in options_of(portrait.guest.arguments) if option == "-smp"]
    return processors(given[-1] if given else None)


_COUNTS: Mapping[str, Callable[[Portrait], int]] = {"processors": _processors}


def _finding(
    comparison: Comparison, section: Section, array: ConditionalArray, counts: list[int]
) -> Finding:
    sent, expected = counts
    return Finding(
        rule=RULE.id,
        promise="loads",
        certainty="possible",
        subject=subject_of(comparison.source, section.idstr),
        args={
            "needed": array.needed,
            "name": array.name,
            "state": array.state,
            "sent": sent,
            "expected": expected,
        },
        evidence=(Evidence(f"elements in {array.name}", str(sent), str(expected)),),
    )
