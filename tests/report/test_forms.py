"""Every line of the registry leads to a function of the one shape; saved is what is written."""

from __future__ import annotations

import inspect
import io
from importlib import import_module
from pathlib import Path

import click
import pytest

from qcompat.cli import root
from qcompat.machine.resolve import Resolved
from qcompat.report.forms import FORMS, save, write
from qcompat.report.output import Output

LINES = [(name, form) for name, forms in FORMS.items() for form in forms]
PROPERTIES = (Resolved("queue-size", "256", "default"),)


@pytest.mark.parametrize(("name", "form"), LINES)
def test_every_form_is_a_function_of_an_answer_and_its_place(name: str, form: str) -> None:
    module, _, function = FORMS[name][form].at.partition(":")
    written_by = getattr(import_module(f"qcompat.report.{module}"), function)
    assert len(inspect.signature(written_by).parameters) == 2
    assert inspect.signature(written_by).return_annotation == "None"


@pytest.mark.parametrize("name", FORMS)
def test_an_answer_is_called_as_its_command_and_has_text_first(name: str) -> None:
    command: click.Command | None = root
    for word in name.partition(" --")[0].split():
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), word)
    assert command is not None
    assert next(iter(FORMS[name])) == "text"


def test_a_document_is_written_where_the_answer_goes() -> None:
    out = io.StringIO()
    write("machine resolve", "json", PROPERTIES, Output(out))
    assert '"schema": "qcompat.machine-resolve/1"' in out.getvalue()


def test_a_saved_form_is_utf_8_and_the_same(tmp_path: Path) -> None:
    out, place = io.StringIO(), tmp_path / "answer.txt"
    write("machine resolve", "text", PROPERTIES, Output(out))
    save("machine resolve", "text", PROPERTIES, place)
    assert place.read_text(encoding="utf-8") == out.getvalue() != ""
