"""JSON is UTF-8, whatever the locale of the stream is."""

from __future__ import annotations

import io
import json

from qcompat.report.output import write_document, write_utf8


def test_a_document_is_utf_8_on_a_stream_of_another_encoding() -> None:
    below = io.BytesIO()
    out = io.TextIOWrapper(below, encoding="ascii")
    out.write("before ")
    write_utf8("→", out)
    write_document({"way": "a → b"}, out)
    out.flush()
    text = below.getvalue().decode()
    assert text.startswith("before →")
    assert json.loads(text.removeprefix("before →")) == {"way": "a → b"}
    assert text.endswith("}\n")


def test_a_stream_without_bytes_gets_text() -> None:
    out = io.StringIO()
    write_document([1], out)
    assert json.loads(out.getvalue()) == [1]
