"""A matrix as one page that needs nothing else: no network, no server, no other file.

Texts of QEMU and of users are foreign. In the page they are JSON in which no tag can begin,
and the script puts them into the document as text, never as HTML; what stands in the template
is escaped by it. The page's own policy allows the one script and the one style in it, by hash,
and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

import msgspec

from qcompat import __version__
from qcompat.app.matrix.matrix import MatrixAnswer
from qcompat.report.matrix.change import counts, shift_text
from qcompat.report.matrix.payload import payload
from qcompat.report.matrix.tally import failing, flaky_cells
from qcompat.report.output import Output
from qcompat.trial.matrix.baseline import Change, Shift

_PAGE = files("qcompat.report.matrix") / "page"
_SCRIPTS = ("data", "element", "state", "select", "chips", "grid", "reasons", "cells", "start")
_STYLES = ("colours", "layout", "parts", "print")
_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def write(answer: MatrixAnswer, out: Output) -> None:
    """The page, with what changed since a baseline where there is one."""
    from jinja2 import Environment, StrictUndefined

    matrix, change = answer.matrix, answer.change
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(_read("page.html.j2"))
    script = '"use strict";\n(() => {\n' + "".join(map(_script, _SCRIPTS)) + "})();\n"
    style = "".join(_read(f"{name}.css") for name in _STYLES)
    page = template.render(
        matrix=matrix,
        version=__version__,
        data=embedded(payload(matrix, change)),
        script=script,
        style=style,
        policy=_policy(script, style),
        failing=len(failing(matrix.cells)),
        flaky=len(flaky_cells(matrix.cells)),
        contradicting=sum(cell.contradicts for cell in matrix.cells),
        change=change,
        gone=_gone(change),
        shift_text=shift_text,
        counts=counts,
    )
    out.write_utf8(page)


def embedded(data: object) -> str:
    """JSON that can stand in a script element: no tag, comment or line end can begin in it."""
    return msgspec.json.encode(data).decode().translate(_UNSAFE)


def _gone(change: Change | None) -> tuple[Shift, ...]:
    """What the baseline had and no cell of the page can show."""
    return tuple(shift for shift in change.shifts if shift.after is None) if change else ()


def _policy(script: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _script(name: str) -> str:
    return _read(f"{name}.js")


def _read(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")
