"""The options of an answer come from the registry of forms, and reach the answer's writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from qcompat.cli.options.shown import Shown, shown_as
from qcompat.errors import UsageError
from qcompat.report import forms
from qcompat.report.forms import Form

NAME = "an answer"
TEXT, JSON = Form("none:text", "Text"), Form("none:json", "JSON")
PAGE = Form("none:page", "one page", is_file=True)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Shown]:
    """Calls a command whose answer has these forms; what it got of its words."""

    def asked(offered: Mapping[str, Form], *words: str, has_remedies: bool = False) -> Shown:
        monkeypatch.setitem(dict_of_forms(), NAME, offered)
        got: list[Shown] = []

        @click.command()
        @shown_as(NAME, verbose="Show everything.", has_remedies=has_remedies)
        def command(shown: Shown) -> None:
            got.append(shown)

        done = CliRunner().invoke(command, list(words), standalone_mode=False)
        if done.exception:
            raise done.exception
        return got[0]

    return asked


def dict_of_forms() -> dict[str, Mapping[str, Form]]:
    assert isinstance(forms.FORMS, dict)
    return forms.FORMS


def test_text_is_usual_and_json_a_flag(ask: Callable[..., Shown]) -> None:
    both = {"text": TEXT, "json": JSON}
    assert ask(both) == Shown(NAME)
    assert ask(both, "--json", "-v") == Shown(NAME, "json", verbose=True)


def test_a_third_form_is_chosen_by_name(ask: Callable[..., Shown]) -> None:
    three = {"text": TEXT, "xml": Form("none:xml", "XML"), "json": JSON}
    assert ask(three).form == "text"
    assert ask(three, "--form", "xml").form == "xml"
    assert ask(three, "--json").form == "json"
    with pytest.raises(click.BadParameter):
        ask(three, "--form", "page")


def test_a_form_for_a_file_has_an_option_of_its_name(
    ask: Callable[..., Shown], tmp_path: Path
) -> None:
    offered = {"text": TEXT, "json": JSON, "page": PAGE}
    place = tmp_path / "answer.html"
    assert ask(offered).files == {}
    assert ask(offered, "--page", str(place), "--json").files == {"page": place}
    with pytest.raises(UsageError, match="cannot write"):
        ask(offered, "--page", str(tmp_path))


def test_remedies_are_chosen_one_or_all(ask: Callable[..., Shown]) -> None:
    both = {"text": TEXT, "json": JSON}
    assert ask(both, has_remedies=True).remedies == ("qemu",)
    assert ask(both, "--form", "libvirt", has_remedies=True).remedies == ("libvirt",)
    assert ask(both, "--form", "all", has_remedies=True).remedies == tuple(forms.REMEDIES)


def test_another_answer_that_lacks_the_form_is_refused() -> None:
    assert Shown("source lint", "json").of("source lint --build").name == "source lint --build"
    with pytest.raises(UsageError, match="cannot be written as sarif"):
        Shown("source lint", "sarif").of("source lint --build")
