"""`qcompat explain`: what a log says, or the page of a rule or an advisory that an answer names."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcompat.app.explain import Explained
from qcompat.app.explain import explain as read
from qcompat.cli.options.completion import complete_build
from qcompat.cli.options.shown import Shown, shown_as
from qcompat.errors import UsageError
from qcompat.explain.text import MOST_BYTES, MOST_LINES, decoded

if TYPE_CHECKING:
    from typing import BinaryIO

_EXPLAINED, _UNKNOWN = 0, 3
_PIECE = 1 << 20


@click.command()
@click.argument("what", nargs=-1, metavar="FILE|-|'TEXT'|RULE|ADVISORY")
@click.option(
    "--guest",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The guest, in any form that `check --guest` takes: a check then tells the cause.",
)
@click.option(
    "--source",
    metavar="BUILD",
    shell_complete=complete_build,
    default="",
    help="Where the guest came from.",
)
@click.option(
    "--target",
    metavar="BUILD",
    shell_complete=complete_build,
    default="",
    help="Where it was to go.",
)
@click.option(
    "--report", is_flag=True, help="Print it ready to send to others, personal data replaced."
)
@shown_as("explain", verbose="Show all causes and references.")
@click.pass_context
def explain(
    ctx: click.Context,
    what: tuple[str, ...],
    guest: Path | None,
    source: str,
    target: str,
    report: bool,
    shown: Shown,
) -> None:
    """Explain what a log of QEMU or its manager says, and what to do.

    FILE is a log, or any text with lines of one: of QEMU, libvirt, nova, Proxmox, Incus, KubeVirt
    or the journal. `-` reads it from standard input; or quote the line itself. RULE and ADVISORY
    are names that stand with findings: their pages are printed.

    \b
    Exit codes:
      0  explained
      3  nothing in the text is known
    """
    if len(what) == 1 and _print_page(what[0]):
        return
    explained = _checked(_given(what), guest, source, target)
    shown.with_form("report" if report else shown.form).show(explained)
    ctx.exit(_EXPLAINED if explained.explanation.problems else _UNKNOWN)


def _given(what: tuple[str, ...]) -> Explained:
    """The text that is asked about, explained by itself. Errors: UsageError, FileFormatError."""
    if not what:
        raise UsageError(
            "no text is given", "name a log, quote a line of it, or pipe it into: qcompat explain -"
        )
    if what == ("-",):
        return _explained(sys.stdin.buffer)
    if len(what) == 1 and _is_file(what[0]):
        from qcompat.local.foreign_file import open_foreign

        with open_foreign(Path(what[0]), "name a log, or quote a line of it") as file:
            return _explained(file)
    text = " ".join(what)
    explained = read(text)
    if not explained.explanation.problems and " " not in text.strip():
        _refuse_name(text)
    return explained


def _explained(file: BinaryIO) -> Explained:
    """The end of a long text is what matters: it says what happened last."""
    content, is_cut = b"", _skip_to_end(file)
    while piece := file.read(_PIECE):
        content += piece
        if len(content) > 2 * MOST_BYTES:
            content, is_cut = content[-MOST_BYTES:], True
    lines = content[-MOST_BYTES:].rsplit(b"\n", MOST_LINES)
    is_cut = is_cut or len(content) > MOST_BYTES or len(lines) > MOST_LINES
    return read(decoded(b"\n".join(lines[-MOST_LINES:])), is_cut=is_cut)


def _skip_to_end(file: BinaryIO) -> bool:
    """Whether there was something to skip: a file may be of any size, a pipe is read through."""
    if not file.seekable():
        return False
    start = max(0, file.seek(0, os.SEEK_END) - MOST_BYTES)
    file.seek(start)
    return start > 0


def _is_file(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # too long for a name, or with a zero byte
        return False


def _checked(explained: Explained, guest: Path | None, source: str, target: str) -> Explained:
    """With a guest and both builds, what a check says. Errors: UsageError, and as `check`."""
    if not (guest or source or target):
        return explained
    if not (guest and source and target):
        raise UsageError(
            "a check needs the guest and both builds",
            "give all of --guest FILE, --source BUILD and --target BUILD, or none of them",
        )
    from qcompat.app.check import CheckQuestion
    from qcompat.app.explain import explain_guest
    from qcompat.app.given_guest import given_guest
    from qcompat.cli.process.event_loop import run
    from qcompat.portrait.portraits import Portraits

    question = CheckQuestion(source, target, given_guest(guest, base_type=False))
    portraits = Portraits.here()
    return run(lambda: explain_guest(explained, question, portraits))


def _print_page(name: str) -> bool:
    """Whether a rule or advisory is called so; its page is then printed."""
    if not name.isidentifier() or _is_file(name):
        return False
    from qcompat.report.explain.pages import write_page
    from qcompat.report.output import Output

    return write_page(name, Output())


def _refuse_name(name: str) -> None:
    from qcompat.report.explain.pages import names_like

    close = names_like(name)
    raise UsageError(
        f"no file, rule or advisory is called {name!r}",
        f"did you mean {' or '.join(close)}?"
        if close
        else "name a log, quote a whole line of it, or take the name of a rule from a finding",
    )
