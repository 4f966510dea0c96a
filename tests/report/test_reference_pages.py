"""The pages of reference name every command and every document that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from qcompat.cli import root

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
_NAME = re.compile(r'"(qcompat\.[a-z-]+/[0-9]+)"')


def _commands(group: click.Group, before: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group) and not command.invoke_without_command:
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def _rows() -> set[str]:
    """What stands in backticks in the first column; a command after a comma has its group."""
    found: set[str] = set()
    for line in (REFERENCE / "exit-codes.md").read_text().splitlines():
        if line.startswith("| `"):
            names = re.findall(r"`([^`]+)`", line.split("|")[1])
            group = names[0].split()[0]
            found |= {*names, *(f"{group} {name}" for name in names)}
    return found | {"check"}  # the table at the top speaks of it


@pytest.mark.parametrize("command", sorted(_commands(root)))
def test_exit_codes_have_a_row_for_every_command(command: str) -> None:
    assert command in _rows()


def test_every_document_is_described() -> None:
    sources = (ROOT / "src" / "qcompat").rglob("*.py")
    written = {name for path in sources for name in _NAME.findall(path.read_text())}
    page = (REFERENCE / "json.md").read_text()
    assert {name for name in written if name not in page} == set()
