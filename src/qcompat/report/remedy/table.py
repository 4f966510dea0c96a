"""A remedy for a packager: entries of a compat table, as hw/core/machine.c has them."""

from __future__ import annotations

from qcompat.report.remedy.form import Changes, Form, spelled


def write(changes: Changes) -> Form:
    """One entry a line, for the machine types that the guest may have; each once.

    An entry reaches all devices of its type. What is no property of a device fits no table.
    """
    settings = changes.settings
    fitting = [s for s in settings if s.reach in ("device", "type", "cpu") and not s.removes]
    entries = dict.fromkeys((s.driver, s.name, s.value) for s in fitting)
    notes = [f"{spelled(s)} fits no compat table" for s in settings if s not in fitting]
    lines = "\n".join(_entry(each) for each in entries)
    return Form("for a packager's compat table", lines, tuple(notes))


def _entry(words: tuple[str, str, str]) -> str:
    return f"{{ {', '.join(_quoted(word) for word in words)} }},"


def _quoted(text: str) -> str:
    """A C string: what does not print as octal, which takes three digits and no more."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
