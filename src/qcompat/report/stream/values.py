"""Values of a stream as text: numbers, rows of numbers, bytes; long ones cut short."""

from __future__ import annotations

from typing import Any

_MOST_BYTES = 16
_MOST_NUMBERS = 8
_SMALL = 10


def shown(value: Any, *, verbose: bool = False) -> str:
    """A value for people: small numbers plain, others in hex with the decimal beside them."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return _number(value)
    if isinstance(value, bytes):
        return _bytes(value, verbose)
    if isinstance(value, tuple):
        return _row(value, verbose)
    return "null" if value is None else str(value)


def plain_value(value: Any) -> Any:
    """A value for JSON: bytes as hex digits."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [plain_value(each) for each in value]
    return value


def _number(value: int) -> str:
    return str(value) if -_SMALL < value < _SMALL else f"{value:#x} ({value})"


def _bytes(value: bytes, verbose: bool) -> str:
    if len(value) > 1 and not any(value):
        return f"{len(value)} zero bytes"
    if verbose or len(value) <= _MOST_BYTES:
        return value.hex(" ")
    return f"{value[:_MOST_BYTES].hex(' ')} … {len(value)} bytes"


def _row(value: tuple[Any, ...], verbose: bool) -> str:
    if len(value) > 1 and not any(value):
        return f"{len(value)} times {shown(value[0])}"
    most = len(value) if verbose else _MOST_NUMBERS
    parts = [f"{each:#x}" if type(each) is int else shown(each) for each in value[:most]]
    more = f" … {len(value)} values" if len(value) > most else ""
    return " ".join(parts) + more
