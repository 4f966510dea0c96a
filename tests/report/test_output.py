"""JSON is UTF-8, whatever the locale of the stream is."""

from __future__ import annotations

import io
import json

from qcompat.report.output import Output


def test_a_document_is_utf_8_on_a_stream_of_another_encoding() -> None:
    below = io.BytesIO()
    out = io.TextIOWrapper(below, encoding="ascii")
    place = Output(out)
    place.write("before ")
    place.write_utf8("→")
    place.write_document({"way": "a → b"})
    out.flush()
    text = below.getvalue().decode()
    assert text.startswith("before →")
    assert json.loads(text.removeprefix("before →")) == {"way": "a → b"}
    assert text.endswith("}\n")


def test_a_stream_without_bytes_gets_text() -> None:
    out = io.StringIO()
    Output(out).write_document([1])
    assert json.loads(out.getvalue()) == [1]
