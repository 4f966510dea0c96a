from __future__ import annotations

from qcompat.qemu.outcome import Outcome
from qcompat.trial.matrix.cell import Cell
from qcompat.trial.matrix.deciding.assemble import assemble_matrix
from qcompat.trial.matrix.question.spec import MatrixSpec


def test_a_guest_that_no_build_can_save_is_left_out_with_the_reason(whole_spec: MatrixSpec) -> None:
    cells = {key: Cell(*key, Outcome("loaded")) for key in whole_spec.keys}
    for key in cells:
        if key[1] == "edu":
            cells[key] = Cell(*key, Outcome("no_stream", "State blocked"))
        if key[1:3] == ("e1000", "one"):
            cells[key] = Cell(*key, Outcome("no_stream", "State blocked"))
    matrix = assemble_matrix(whole_spec, cells, 1.0)
    assert "State blocked" in matrix.left_out["edu"]
    assert not any(cell.guest == "edu" for cell in matrix.cells)
    assert sum(not cell.outcome.loads for cell in matrix.cells) == 2


def test_cells_are_in_the_order_of_the_question(whole_spec: MatrixSpec) -> None:
    cells = {key: Cell(*key, Outcome("loaded")) for key in reversed(list(whole_spec.keys))}
    matrix = assemble_matrix(whole_spec, cells, 1.0)
    assert [cell.key for cell in matrix.cells] == list(whole_spec.keys)
    assert matrix.builds["one"] == "package of one"
