"""What a command answers as JSON, asked as a user would."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qcompat.cli import run


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    """The exit code and the document; the command must have written one."""
    capsys.readouterr()
    code = run([*words, "--json"])
    out, err = capsys.readouterr()
    assert out, err
    return code, json.loads(out)
