"""A migration stream as JSON, section by section while it is read.

The form is described in docs/reference/json.md; its name in `schema` changes when a reader
written for the old form could misread the new one. Additions do not change it.
"""

from __future__ import annotations

from typing import Any, TextIO

import msgspec

from qcompat.errors import StreamError
from qcompat.report.output import write_utf8
from qcompat.report.stream.text.show import LARGEST_SHOWN, is_named
from qcompat.report.stream.values import plain_value
from qcompat.stream import events as e
from qcompat.stream.container import Wrapping
from qcompat.stream.fields import Field, fields
from qcompat.stream.reader.reader import Reader
from qcompat.stream.reader.whole import section_of
from qcompat.stream.record import Record, command_name

SCHEMA = "qcompat.stream/1"

_MOST_COMMANDS = 1000


def write_document(
    file: str, wrapping: Wrapping, reader: Reader, out: TextIO, pattern: str | None
) -> bool:
    """Write the document; whether it has a section that `pattern` names.

    Raises StreamError where reading stops, after the whole document is written.
    """
    writer = _Writer(reader, pattern)
    head = {"schema": SCHEMA, "file": file, "wrapping": wrapping}
    write_utf8(_text(head)[:-1] + ',"sections":[', out)
    stop: StreamError | None = None
    between = ""
    try:
        for event in reader.events():
            section = writer.see(event)
            if section is not None:
                write_utf8(between + "\n" + _text(section), out)
                between = ","
    except StreamError as error:
        stop = error
    write_utf8("\n]," + _text(writer.rest(stop))[1:] + "\n", out)
    if stop:
        raise stop
    return bool(between) or writer.has_live


class _Writer:
    def __init__(self, reader: Reader, pattern: str | None) -> None:
        self._reader = reader
        self._pattern = pattern
        self._begun: e.SectionBegins | None = None
        self._rest: dict[str, Any] = {"version": None, "complete": False, "description": None}
        self._blocks: list[Any] = []
        self._live: dict[int, dict[str, Any]] = {}
        self._commands: list[Any] = []
        self.has_live = False

    def see(self, event: e.Event) -> dict[str, Any] | None:
        """Take note of an event; a section to be written now, or None."""
        match event:
            case e.Header():
                self._rest["version"] = event.version
            case e.SectionBegins():
                self._begin(event)
            case e.BlockAnnounced():
                self._blocks.append(event.block)
            case e.LiveState() if self._begun:
                self._live[self._begun.section_id]["size"] += event.size
            case e.Command() if len(self._commands) < _MOST_COMMANDS:
                name = command_name(event.command)
                self._commands.append(
                    {"command": name, "offset": event.offset, "data": event.data.hex()}
                )
            case e.StreamEnds():
                self._rest["complete"] = True
            case e.DescriptionRead():
                self._rest["description"] = {"offset": event.offset, "size": event.size}
            case e.Skipped():
                self._rest["skipped"] = {"offset": event.offset, "size": event.size}
            case e.Trailing():
                self._rest["trailing"] = event.size
            case e.DeviceState() if is_named(self._pattern, event.section):
                return self._section(event)
        return None

    def rest(self, stop: StreamError | None) -> dict[str, Any]:
        """What is told behind the sections."""
        page_size = self._reader.description.page_size if self._reader.description else None
        configuration = self._reader.configuration
        return self._rest | {
            "configuration": msgspec.to_builtins(configuration) if configuration else None,
            "page_size": page_size,
            "ram": self._blocks,
            "live": list(self._live.values()),
            "commands": self._commands,
            "stop": stop
            and {"offset": stop.offset, "record": stop.record, "message": stop.message},
        }

    def _begin(self, event: e.SectionBegins) -> None:
        self._begun = event
        if event.kind is Record.FULL:
            return
        self.has_live = self.has_live or is_named(self._pattern, event)
        entry = self._live.setdefault(event.section_id, _identity(event) | {"parts": 0, "size": 0})
        entry["parts"] += 1

    def _section(self, state: e.DeviceState) -> dict[str, Any]:
        found = _identity(state.section) | {
            "offset": state.offset,
            "size": state.size,
            "described": state.description is not None,
        }
        if state.size > LARGEST_SHOWN:
            return found | {"fields": [], "problem": "too large to be taken apart here"}
        try:
            section = section_of(state, self._reader.data)
            return found | {"fields": [_field(field) for field in fields(section)]}
        except StreamError as error:
            return found | {"fields": [], "problem": error.message}


def _identity(begun: e.SectionBegins) -> dict[str, Any]:
    return {
        "idstr": begun.idstr,
        "instance_id": begun.instance_id,
        "version_id": begun.version_id,
        "section_id": begun.section_id,
    }


def _field(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {
        "path": field.path,
        "type": field.type,
        "offset": field.offset,
        "size": field.size,
        "count": field.count,
        "value": plain_value(field.value),
    }
    if field.meaning:
        found["meaning"] = field.meaning
    if field.is_opaque:
        found["opaque"] = True
    if field.parts:
        found["parts"] = [_field(each) for each in field.parts]
    return found


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
