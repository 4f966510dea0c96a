"""A migration stream for a reader at a terminal, written while it is read."""

from __future__ import annotations

from collections.abc import Iterable

from qcompat.errors import StreamError
from qcompat.report.output import Output
from qcompat.report.stream.answers import LARGEST_SHOWN, ShownStream
from qcompat.report.stream.values import shown
from qcompat.report.terminal.plain import printable
from qcompat.stream import events as e
from qcompat.stream.container import Wrapping
from qcompat.stream.fields import Field, fields
from qcompat.stream.model import Configuration
from qcompat.stream.reader.whole import section_of
from qcompat.stream.record import Record, command_name

_PATH, _VALUE = 52, 24


def write(stream: ShownStream, out: Output) -> None:
    """Write what is asked for. Raises StreamError where reading stops, after what comes before."""
    writer = _Writer(stream, out)
    if stream.pattern is None:
        writer.wrapping(stream.wrapping)
    for event in stream.reader.events():
        writer.see(event)


class _Writer:
    def __init__(self, stream: ShownStream, out: Output) -> None:
        self._stream = stream
        self._reader = stream.reader
        self._out = out
        self._verbose = out.verbose
        self._begun: e.SectionBegins | None = None

    def wrapping(self, wrapping: Wrapping) -> None:
        if wrapping.kind != "none":
            self._line(f"in a file of {wrapping.kind}")
        for what, value in wrapping.details:
            self._line(f"  {what:20}  {value}")

    def see(self, event: e.Event) -> None:
        if isinstance(event, e.SectionBegins):
            self._begun = event
            self._stream.names(event)
        if isinstance(event, e.DeviceState):
            if self._stream.names(event.section):
                self._device(event)
        elif self._stream.pattern is None:
            self._record(event)

    def _record(self, event: e.Event) -> None:
        match event:
            case e.Header():
                self._line(f"migration stream, version {event.version} of the format")
            case e.ConfigurationRead():
                self._configuration(event.configuration)
            case e.SectionBegins() if event.kind is Record.START:
                self._line(f"{event.name}  version {event.version_id}, sent in parts")
            case e.BlockAnnounced():
                self._block(event)
            case e.LiveState() if self._begun:
                self._line(f"  {event.size} bytes at {event.offset:#x}: {event.what}")
            case e.Skipped():
                self._line(f"  {event.size:,} bytes of memory skipped (-v reads them)")
            case e.Command():
                name = command_name(event.command)
                self._line(f"command {name}  {shown(event.data) if event.data else ''}".rstrip())
            case e.StreamEnds():
                self._line(f"end of the stream at {event.offset:#x}")
            case e.DescriptionRead():
                self._line(f"description  {event.size:,} bytes at {event.offset:#x}")
            case e.Trailing():
                self._line(f"{event.size:,} more bytes at {event.offset:#x}")

    def _configuration(self, configuration: Configuration) -> None:
        self._line(f"configuration  machine type {configuration.machine}")
        if configuration.page_bits is not None:
            self._line(f"  page size  {1 << min(configuration.page_bits, 63):,} bytes")
        if configuration.capabilities:
            self._line(f"  capabilities  {', '.join(configuration.capabilities)}")
        if configuration.uuid:
            self._line(f"  uuid  {configuration.uuid}")
        for name, version, data in configuration.others:
            self._line(f"  {name}  version {version}, {shown(data, verbose=self._verbose)}")

    def _block(self, event: e.BlockAnnounced) -> None:
        block = event.block
        extras = [
            f"host pages of {block.page_size:,} bytes" if block.page_size else "",
            f"at {block.address:#x}" if block.address is not None else "",
            f"mapped at {block.mapped.pages:#x}" if block.mapped else "",
        ]
        self._line(
            f"  {block.name:40}  {block.length:>14,} bytes  {' '.join(filter(None, extras))}"
        )

    def _device(self, state: e.DeviceState) -> None:
        begun = state.section
        described = "" if state.description else ", not described"
        self._line(
            f"{begun.name}  version {begun.version_id}, "
            f"{state.size:,} bytes at {state.offset:#x}{described}"
        )
        if state.size > LARGEST_SHOWN:
            self._line("  too large to decode here")
            return
        try:
            self._fields(fields(section_of(state, self._reader.data)), 1)
        except StreamError as error:
            self._line(f"  cannot be decoded: {error.message}")

    def _fields(self, found: Iterable[Field], depth: int) -> None:
        for field in found:
            if field.type == "unused" and not self._verbose:
                continue
            self._line(f"{field.offset:#10x}{'  ' * depth}{self._field(field, depth)}")
            self._fields(field.parts, depth + 1)

    def _field(self, field: Field, depth: int) -> str:
        path = f"{field.path}  ({_kind(field)})" if depth == 1 or self._verbose else field.path
        value = "" if field.parts else shown(field.value, verbose=self._verbose)
        meaning = _meaning(field) or ("not decoded" if field.is_opaque else "")
        return f"{path:{_PATH - 2 * depth}}  {value:{_VALUE}}  {meaning}"

    def _line(self, text: str) -> None:
        self._out.write(printable(text).rstrip().replace("\n", "\\n") + "\n")


def _meaning(field: Field) -> str:
    """The meaning without the value, which stands beside it."""
    if type(field.value) is not int:
        return field.meaning
    number = f"{field.value:#x}"
    return "" if field.meaning == number else field.meaning.removesuffix(f": {number}")


def _kind(field: Field) -> str:
    return f"{field.type}[{field.count}]" if field.count > 1 else field.type
