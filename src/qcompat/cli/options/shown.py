"""How a command's answer is written: its options, made from the registry of forms.

A command says which answer it gives, gets the reader's choice as one `shown`, and ends with
`shown.show(answer)`. A new form needs no change here and none in the command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from qcompat.cli.options.shared import writable_file
from qcompat.errors import UsageError
from qcompat.report.forms import FORMS, REMEDIES, Form, save, write
from qcompat.report.output import Output

if TYPE_CHECKING:
    from qcompat.verdict.gate import Exit

Command = Callable[..., Any]
_Forms = Mapping[str, Form]


class Shown(msgspec.Struct, frozen=True):
    """The form of the answer on standard output, and the files to fill with others."""

    name: str
    form: str = "text"
    verbose: bool = False
    files: Mapping[str, Path] = {}
    remedies: tuple[str, ...] = ("qemu",)
    why: int | None = None

    def of(self, name: str) -> Shown:
        """The same of another answer. Raises UsageError where that has no such form."""
        if self.form not in FORMS[name]:
            raise UsageError(
                f"{name} cannot be written as {self.form}", f"choose {' or '.join(FORMS[name])}"
            )
        return msgspec.structs.replace(self, name=name)

    def with_form(self, form: str) -> Shown:
        """The same answer in another form."""
        return msgspec.structs.replace(self, form=form)

    def show(self, answer: object, exit_: Exit | None = None) -> None:
        """Write the files, then standard output; `exit_` is what the command ends with."""
        for form, path in self.files.items():
            save(self.name, form, answer, path, exit_)
        out = Output(verbose=self.verbose, remedies=self.remedies, exit_=exit_)
        out.why = self.why
        write(self.name, self.form, answer, out)


def shown_as(
    name: str, *, verbose: str = "", has_remedies: bool = False
) -> Callable[[Command], Command]:
    """The options for the answer called `name`; `verbose` is the help of -v, if it has that.

    With remedies in it, --form says for what these are written down. The command raises
    UsageError where a file cannot be written.
    """
    forms = {form: each for form, each in FORMS[name].items() if not each.is_file}
    files = {form: each for form, each in FORMS[name].items() if each.is_file}

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_shown(
            *args: Any,
            form: str = "text",
            verbose: bool = False,
            remedies: tuple[str, ...] = ("qemu",),
            **others: Any,
        ) -> object:
            wanted = {each: path for each in files if (path := others.pop(f"{each}_file"))}
            places = {each: writable_file(path) for each, path in wanted.items()}
            shown = Shown(name, form, verbose, places, remedies)
            return command(*args, shown=shown, **others)

        decorated: Command = with_shown
        offered = [*_remedies(has_remedies), *_forms(forms), *_files(files), *_verbose(verbose)]
        for option in reversed(offered):
            decorated = option(decorated)
        return decorated

    return decorate


def _remedies(has_remedies: bool) -> list[Command]:
    if not has_remedies:
        return []
    names = tuple(REMEDIES)
    return [
        click.option(
            "--form",
            "remedies",
            type=click.Choice([*names, "all"]),
            default=names[0],
            callback=lambda _ctx, _option, chosen: names if chosen == "all" else (chosen,),
            help="What to write the remedy for. By default QEMU's command line.",
        )
    ]


def _forms(forms: _Forms) -> list[Command]:
    """`--json`, and `--form` where there is more to choose from."""
    if "json" not in forms:
        return []
    if len(forms) == 2:
        return [
            click.option(
                "--json",
                "form",
                is_flag=True,
                callback=lambda _ctx, _option, is_json: "json" if is_json else "text",
                help="Answer as a JSON document.",
            )
        ]
    usual, *others, last = (each.what for each in forms.values())
    meaning = f"{usual} (default), {', '.join(others)}, or {last}."
    return [
        click.option(
            "--form", type=click.Choice(list(forms)), default=next(iter(forms)), help=meaning
        ),
        click.option("--json", "form", flag_value="json", help="The same as --form json."),
    ]


def _files(forms: _Forms) -> list[Command]:
    return [
        click.option(
            f"--{form}",
            f"{form}_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help=f"Also write {each.what}.",
        )
        for form, each in forms.items()
    ]


def _verbose(meaning: str) -> list[Command]:
    return [click.option("-v", "--verbose", is_flag=True, help=meaning)] if meaning else []
