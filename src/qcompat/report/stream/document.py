"""The answers of `qcompat stream` as JSON; a stream is written section by section while it is read.

The forms are described in docs/reference/json.md; its name in `schema` changes when a reader
written for the old form could misread the new one. Additions do not change it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from qcompat.errors import StreamError
from qcompat.report.output import Output
from qcompat.report.stream.answers import LARGEST_SHOWN, ShownStream, StreamDiff
from qcompat.report.stream.differences import lines_of
from qcompat.report.stream.values import plain_value
from qcompat.stream import events as e
from qcompat.stream.fields import Field, fields
from qcompat.stream.memory.tally import MemoryTally
from qcompat.stream.reader.whole import section_of
from qcompat.stream.record import Record, command_name
from qcompat.stream.verify import Verification

_MOST_COMMANDS = 1000


def write_diff(answer: StreamDiff, out: Output) -> None:
    """`qcompat.stream-diff/1`; bytes are hex digits."""
    lines = [
        {
            "where": line.where,
            "what": line.what,
            "source": _plain(line.source),
            "target": _plain(line.target),
        }
        for line in lines_of(answer.found, answer.ends)
    ]
    out.write_document({"schema": "qcompat.stream-diff/1", "differences": lines})


def _plain(given: Any) -> Any:
    return given.hex() if isinstance(given, bytes) else given


def write_memory(tally: MemoryTally, out: Output) -> None:
    """`qcompat.stream-ram/1`; sizes are in bytes."""
    blocks = [
        {
            **msgspec.to_builtins(each.block),
            "pages": each.pages,
            "target_page_size": each.page_size,
            "zero": each.zero,
            "raw": each.raw,
            "xbzrle": each.xbzrle,
            "compressed": each.compressed,
            "stream_size": each.size,
        }
        for each in tally.blocks
    ]
    document = {"schema": "qcompat.stream-ram/1", "blocks": blocks}
    out.write_document(document | {"multifd_flushes": tally.flushes})


def write_verification(found: Verification, out: Output) -> None:
    """`qcompat.stream-verify/1`."""
    document = {"schema": "qcompat.stream-verify/1", "verdict": found.verdict}
    out.write_document(document | msgspec.to_builtins(found))


def write_stream(stream: ShownStream, out: Output) -> None:
    """`qcompat.stream/1`. Raises StreamError where reading stops, after the whole document."""
    writer = _Writer(stream)
    head = {"schema": "qcompat.stream/1", "file": stream.file, "wrapping": stream.wrapping}
    out.write_utf8(_text(head)[:-1] + ',"sections":[')
    stop: StreamError | None = None
    between = ""
    try:
        for event in stream.reader.events():
            section = writer.see(event)
            if section is not None:
                out.write_utf8(between + "\n" + _text(section))
                between = ","
    except StreamError as error:
        stop = error
    out.write_utf8("\n]," + _text(writer.rest(stop))[1:] + "\n")
    if stop:
        raise stop


class _Writer:
    def __init__(self, stream: ShownStream) -> None:
        self._stream = stream
        self._reader = stream.reader
        self._begun: e.SectionBegins | None = None
        self._rest: dict[str, Any] = {"version": None, "complete": False, "description": None}
        self._blocks: list[Any] = []
        self._live: dict[int, dict[str, Any]] = {}
        self._commands: list[Any] = []

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
            case e.DeviceState() if self._stream.names(event.section):
                return self._section(event)
        return None

    def rest(self, stop: StreamError | None) -> dict[str, Any]:
        """The members behind the sections."""
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
        self._stream.names(event)
        if event.kind is Record.FULL:
            return
        entry = self._live.setdefault(event.section_id, _identity(event) | {"parts": 0, "size": 0})
        entry["parts"] += 1

    def _section(self, state: e.DeviceState) -> dict[str, Any]:
        found = _identity(state.section) | {
            "offset": state.offset,
            "size": state.size,
            "described": state.description is not None,
        }
        if state.size > LARGEST_SHOWN:
            return found | {"fields": [], "problem": "too large to decode here"}
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
