"""Ranges of versions, as advisories write them: `>=7.2.18,<7.2.20`."""

from __future__ import annotations

OPERATORS = (">=", "<=", "<", ">")


def in_one_of(version: str, ranges: tuple[str, ...]) -> bool:
    """Whether one of the ranges holds the version; what follows its numbers is left out."""
    return any(is_within(numbers_of(version), each) for each in ranges)


def is_within(version: tuple[int, ...], range_: str) -> bool:
    """Whether every comparison of the range holds."""
    return all(_is(version, part) for part in range_.split(","))


def numbers_of(version: str) -> tuple[int, ...]:
    """`7.2.22` → (7, 2, 22); what follows the numbers (`-rc1`) is left out."""
    digits = (part for part in version.partition("-")[0].split("."))
    return tuple(int(part) for part in digits if part.isdigit())


def parts_of(range_: str) -> tuple[tuple[str, str], ...]:
    """The comparisons of a range, each as operator and version."""
    parts = range_.split(",")
    named = [(next(each for each in OPERATORS if part.startswith(each)), part) for part in parts]
    return tuple((operator, part.removeprefix(operator)) for operator, part in named)


def _is(version: tuple[int, ...], comparison: str) -> bool:
    ((operator, text),) = parts_of(comparison)
    bound = numbers_of(text)
    length = max(len(version), len(bound))
    one, other = _padded(version, length), _padded(bound, length)
    return {
        ">=": one >= other,
        "<=": one <= other,
        "<": one < other,
        ">": one > other,
    }[operator]


def _padded(numbers: tuple[int, ...], length: int) -> tuple[int, ...]:
    return numbers + (0,) * (length - len(numbers))
