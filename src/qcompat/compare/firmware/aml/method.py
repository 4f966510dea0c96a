"""What a method returns that depends on nothing but itself: constants, locals and arithmetic.

One build of QEMU fills the table of interrupt routing in a loop, the next writes it out; worked
out, they are the same. Anything else (arguments, registers, other methods) is left alone. Source:
ACPI 6.5, 20.2.5.3 and 20.2.5.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qcompat.compare.firmware.aml.reader import Reader, Reference, UnreadableError, Value

_MOST_STEPS = 200_000
"""Of all methods of a guest together; QEMU's own take some 6,000."""
_MASK = (1 << 64) - 1
_LOCALS, _STORE, _NO_TARGET = range(0x60, 0x68), 0x70, 0x00
_INCREMENT, _DECREMENT, _INDEX, _NOT = 0x75, 0x76, 0x88, 0x92
_IF, _ELSE, _WHILE, _NOTHING, _RETURN = 0xA0, 0xA1, 0xA2, 0xA3, 0xA4
_PACKAGE = 0x12
_ARITHMETIC: Mapping[int, Callable[[int, int], int]] = {
    0x72: lambda a, b: a + b & _MASK,
    0x74: lambda a, b: a - b & _MASK,
    0x77: lambda a, b: a * b & _MASK,
    0x79: lambda a, b: a << min(b, 64) & _MASK,
    0x7A: lambda a, b: a >> min(b, 64),
    0x7B: lambda a, b: a & b,
    0x7D: lambda a, b: a | b,
    0x7F: lambda a, b: a ^ b,
}
_LOGIC: Mapping[int, Callable[[int, int], bool]] = {
    0x90: lambda a, b: bool(a and b),
    0x91: lambda a, b: bool(a or b),
    0x93: lambda a, b: a == b,
    0x94: lambda a, b: a > b,
    0x95: lambda a, b: a < b,
}
_TRUE = _MASK

_Place = tuple[str, int] | tuple[list[Value], int]
_Held = Value | list[Value]


class Methods:
    """The methods of one guest, with a bound on the work that all of them may make."""

    def __init__(self) -> None:
        self._left = _MOST_STEPS

    def returned(self, body: bytes) -> Value | None:
        """What the method with that body returns, or None where it depends on more than itself."""
        run = _Run(body, self.step)
        try:
            run.block(len(body))
        except (UnreadableError, _OpenError):
            return None
        return run.result

    def step(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _OpenError


class _OpenError(Exception):
    """The method depends on something that is not in it."""


class _Run:
    def __init__(self, body: bytes, step: Callable[[], None]) -> None:
        self._reader = Reader(body)
        self._step = step
        self._locals: dict[int, _Held] = {}
        self.result: Value | None = None

    def block(self, end: int) -> None:
        """Run what stands before offset `end`, or as much of it as comes before a return."""
        reader = self._reader
        is_taken = True
        while reader.offset < end and self.result is None:
            self._step()
            code = reader.peek()
            if code in (_IF, _ELSE):
                reader.byte()
                inner = reader.end_of_package()
                is_taken = bool(self._number()) if code == _IF else not is_taken
                self._inside(inner, is_taken=is_taken)
            elif code == _WHILE:
                reader.byte()
                self._loop()
            elif code == _RETURN:
                reader.byte()
                self.result = _settled(self._value())
            elif code == _NOTHING:
                reader.byte()
            else:
                self._value()

    def _inside(self, end: int, *, is_taken: bool) -> None:
        if is_taken:
            self.block(end)
        if self.result is None:
            self._reader.offset = end

    def _loop(self) -> None:
        end = self._reader.end_of_package()
        start = self._reader.offset
        while self.result is None and self._number():
            self.block(end)
            self._reader.offset = start
        self._reader.offset = end

    def _value(self) -> _Held:
        self._step()
        reader = self._reader
        code = reader.peek()
        if code in _LOCALS:
            return self._local(reader.byte())
        if code == _PACKAGE:
            return self._package()
        if code == _STORE:
            reader.byte()
            stored = self._value()
            self._put(self._place(), stored)
            return stored
        if code in _ARITHMETIC:
            reader.byte()
            number = _ARITHMETIC[code](self._number(), self._number())
            self._put_unless_null(number)
            return number
        return self._other(code)

    def _other(self, code: int) -> _Held:
        reader = self._reader
        if code in _LOGIC:
            reader.byte()
            return _TRUE if _LOGIC[code](self._number(), self._number()) else 0
        if code == _NOT:
            reader.byte()
            return 0 if self._number() else _TRUE
        if code in (_INCREMENT, _DECREMENT):
            reader.byte()
            local = reader.byte()
            if local not in _LOCALS:
                raise _OpenError
            number = self._local(local)
            if not isinstance(number, int):
                raise _OpenError
            self._locals[local] = number + (1 if code == _INCREMENT else -1) & _MASK
            return self._locals[local]
        value = reader.value()
        if isinstance(value, Reference):
            raise _OpenError
        return value

    def _number(self) -> int:
        value = self._value()
        if not isinstance(value, int):
            raise _OpenError
        return value

    def _local(self, code: int) -> _Held:
        if code not in self._locals:
            raise _OpenError
        return self._locals[code]

    def _package(self) -> list[Value]:
        """A package's elements; those not given are references to nothing."""
        reader = self._reader
        reader.byte()
        end = reader.end_of_package()
        count = reader.byte()
        found: list[Value] = []
        while reader.offset < end:
            self._step()
            found.append(reader.value())
        return found + [Reference("")] * (count - len(found))

    def _place(self) -> _Place:
        reader = self._reader
        code = reader.byte()
        if code in _LOCALS:
            return "local", code
        if code != _INDEX:
            raise _OpenError
        package, at = self._value(), self._number()
        self._put_unless_null(0)
        if not isinstance(package, list) or at >= len(package):
            raise _OpenError
        return package, at

    def _put(self, place: _Place, value: _Held) -> None:
        where, at = place
        if isinstance(where, list):
            where[at] = _settled(value)
        else:
            self._locals[at] = list(value) if isinstance(value, list) else value

    def _put_unless_null(self, value: Value) -> None:
        if self._reader.peek() == _NO_TARGET:
            self._reader.byte()
        else:
            self._put(self._place(), value)


def _settled(value: _Held) -> Value:
    return tuple(value) if isinstance(value, list) else value
