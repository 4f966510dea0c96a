"""Sections of docs/accuracy.md: each is written by its own tool, and the others are left alone."""

from __future__ import annotations


def section(text: str, title: str) -> str:
    """The section that begins with the line `title`, to the next one; empty where there is none."""
    start, end = _place(text, title)
    return text[start:end]


def with_section(text: str, title: str, new: str) -> str:
    """The text with `new` in place of that section, or at its end where there is none.

    Without `new` nothing is changed.
    """
    if not new.strip():
        return text
    start, end = _place(text, title)
    parts = (text[:start], new, text[end:])
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _place(text: str, title: str) -> tuple[int, int]:
    start = text.find(title.rstrip("\n") + "\n")
    if start < 0:
        return len(text), len(text)
    end = text.find("\n## ", start + 1)
    return start, len(text) if end < 0 else end + 1
