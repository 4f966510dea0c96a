"""Writing JSON: UTF-8 in every locale, unlike text for people."""

from __future__ import annotations

import io
from typing import Any, TextIO

import msgspec


def write_document(document: Any, out: TextIO) -> None:
    """One indented document that ends in a newline."""
    content = msgspec.json.format(msgspec.json.encode(document), indent=2)
    write_utf8(content.decode() + "\n", out)


def write_utf8(text: str, out: TextIO) -> None:
    """Text as UTF-8, past the encoding of the stream where it has bytes below it."""
    if isinstance(out, io.TextIOWrapper):
        out.flush()
        out.buffer.write(text.encode())
    else:
        out.write(text)
