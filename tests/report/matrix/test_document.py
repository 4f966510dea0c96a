"""What `--json` prints is the documented form, and `--baseline` reads it back whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator, ValidationError

from qcompat.errors import FileFormatError
from qcompat.report.matrix.document import SCHEMA, read
from qcompat.trial.matrix.baseline import change_since
from qcompat.trial.matrix.cell import Matrix
from tests.report.matrix.matrices import ODD, REAL_FILE, cell, matrices, matrix, real, written

SCHEMA_FILE = Path(__file__).parents[3] / "docs" / "reference" / "matrix.schema.json"
DOCUMENTED: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())
VALIDATOR = Draft202012Validator(DOCUMENTED)

CHANGE = change_since(
    matrix(cell(), cell("a-2", "a-1"), cell("b-1", "a-1")),
    matrix(cell(kind="refused"), cell("a-2", "a-1"), cell(guest="nvme")),
)


def test_schema_itself_is_valid() -> None:
    Draft202012Validator.check_schema(DOCUMENTED)
    assert DOCUMENTED["$id"] == SCHEMA


@given(matrices())
def test_any_matrix_fits_the_schema(any_matrix: Matrix) -> None:
    VALIDATOR.validate(json.loads(written("json", any_matrix)))


def test_a_change_fits_the_schema() -> None:
    document = json.loads(written("json", ODD, CHANGE))
    VALIDATOR.validate(document)
    assert document["change"]["answer"] == "broken"
    assert {shift["what"] for shift in document["change"]["shifts"]} == {"worse", "unproven", "new"}


def test_schema_describes_every_member_that_is_written() -> None:
    document = json.loads(written("json", ODD, CHANGE))
    parts = DOCUMENTED["$defs"]
    assert set(document) == set(DOCUMENTED["properties"])
    assert set(document["cells"][0]) == set(parts["cell"]["properties"])
    assert set(document["change"]) == set(parts["change"]["properties"])
    shift = parts["change"]["properties"]["shifts"]["items"]
    assert set(document["change"]["shifts"][0]) == set(shift["properties"])


@pytest.mark.parametrize("member", ["schema", "builds", "cells", "left_out"])
def test_schema_refuses_a_document_without(member: str) -> None:
    document = json.loads(written("json", ODD))
    del document[member]
    with pytest.raises(ValidationError):
        VALIDATOR.validate(document)


@given(any_matrix=matrices())
def test_nothing_is_lost_on_the_way_through_a_file(
    tmp_path_factory: pytest.TempPathFactory, any_matrix: Matrix
) -> None:
    file = tmp_path_factory.mktemp("matrix") / "baseline.json"
    file.write_text(written("json", any_matrix))
    assert read(file) == any_matrix


def test_a_matrix_of_the_older_form_is_read_and_written_in_the_new_one() -> None:
    older = json.loads(REAL_FILE.read_text())
    assert older["schema"] == "qcompat.matrix/1"
    newer = json.loads(written("json", real()))
    VALIDATOR.validate(newer)
    del newer["exit"]
    whens = {cell.pop("when") for cell in newer["cells"]}
    assert whens <= {None, "now"}  # words do not say that it is only after a reset
    assert newer == {**older, "schema": SCHEMA}


def _cells_of_strangers(document: dict[str, Any]) -> None:
    document["builds"] = {"a-1": ""}


def _twice(document: dict[str, Any]) -> None:
    document["cells"] *= 2


def _newer(document: dict[str, Any]) -> None:
    document["schema"] = "qcompat.matrix/9"


def _another(document: dict[str, Any]) -> None:
    document["schema"] = "qcompat.check/1"


def _no_outcome(document: dict[str, Any]) -> None:
    document["cells"][0]["outcome"]["kind"] = "exploded"


def _empty(document: dict[str, Any]) -> None:
    document["cells"] = []


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (_cells_of_strangers, "does not list: a-2"),
        (_twice, "twice"),
        (_newer, "qcompat.matrix/9"),
        (_another, "qcompat.check/1"),
        (_no_outcome, r"exploded.*\$.cells\[0\].outcome.kind|kind"),
        (_empty, "without cells"),
    ],
)
def test_another_file_is_refused(
    spoil: Callable[[dict[str, Any]], None], word: str, tmp_path: Path
) -> None:
    document = json.loads(written("json", ODD))
    spoil(document)
    file = tmp_path / "baseline.json"
    file.write_text(json.dumps(document))
    with pytest.raises(FileFormatError, match=word) as refused:
        read(file)
    assert "--json" in refused.value.hint


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b'{"schema": 7}', b"null"])
def test_what_is_no_document_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    file.write_bytes(content)
    with pytest.raises(FileFormatError, match="does not hold a matrix"):
        read(file)


@pytest.mark.parametrize("cut", range(2, 1000, 97))
def test_a_document_that_was_cut_short_is_refused(cut: int, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(written("json", ODD)[:-cut])
    with pytest.raises(FileFormatError):
        read(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="No such file"):
        read(tmp_path / "none.json")
    with pytest.raises(FileFormatError, match="directory"):
        read(tmp_path)
