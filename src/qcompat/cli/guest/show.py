"""`qcompat guest show`: where a guest has lived, its marks, and what it carries."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from qcompat.cli.form_option import form_option
from qcompat.cli.guest.recorded import portraits_of, recorded
from qcompat.cli.json_option import json_option
from qcompat.cli.store_option import opened, store_option
from qcompat.lineage.lineage import Lineage, Mark
from qcompat.portrait.portrait import Portrait


@click.command()
@click.argument("name")
@form_option
@store_option
@json_option
def show(name: str, forms: tuple[str, ...], store: str, as_json: bool) -> None:
    """Show where a guest has lived, its marks and its start line."""
    engine = opened(store)
    found = recorded(engine, name)
    tell(found, portraits_of(engine, found.life) if found.life else {}, as_json, forms=forms)


def tell(
    lineage: Lineage,
    kept: Mapping[str, Portrait],
    as_json: bool,
    dropped: tuple[Mark, ...] = (),
    forms: tuple[str, ...] = ("qemu",),
) -> None:
    """Show a lineage; `dropped` are the marks that a power-off has just ended."""
    from qcompat.lineage.state import state_of
    from qcompat.report.lineage.text.show import write_json, write_text

    state = state_of(lineage, kept)
    if as_json:
        write_json(state, sys.stdout)
        return
    from rich.console import Console

    write_text(state, Console(highlight=False), dropped, forms)
