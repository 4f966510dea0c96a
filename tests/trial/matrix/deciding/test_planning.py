from __future__ import annotations

from qcompat.trial.matrix.cell import CellKey
from qcompat.trial.matrix.deciding.planning import Planning
from qcompat.trial.matrix.question.spec import MatrixSpec
from qcompat.verdict.judgement import Answer

M = "pc-q35-7.2"
GROUP = ("e1000", "edu", "pvscsi", "virtio-rng-pci")


def test_cells_expected_to_fail_are_tried_alone_and_the_others_together(
    whole_spec: MatrixSpec,
) -> None:
    predicted: dict[CellKey, Answer] = {(M, "edu", "one", "two"): "blocked"}
    batches = list(Planning(whole_spec, (), predicted).shared(M, [GROUP]))
    ways = {
        (n, b.source.name, t.name) for b in batches for n in b.packed.members for t in b.targets
    }
    assert len(ways) == sum(len(b.packed.members) * len(b.targets) for b in batches) == 4 * 6
    (apart,) = [b for b in batches if "edu" in b.packed.members and b.source.name == "one"][:1]
    assert apart.packed.members == ("edu",)
    assert apart.packed.alone


def test_an_unknown_verdict_is_no_reason_to_believe_a_shared_guest(whole_spec: MatrixSpec) -> None:
    predicted: dict[CellKey, Answer] = {
        (M, name, "one", target): "unknown" for name in GROUP for target in ("two", "three")
    }
    batches = list(Planning(whole_spec, (), predicted).shared(M, [GROUP]))
    assert all(batch.packed.alone for batch in batches if batch.source.name == "one")
    assert not any(batch.packed.alone for batch in batches if batch.source.name == "two")


def test_done_cells_are_left_out(whole_spec: MatrixSpec) -> None:
    done = {key for key in whole_spec.keys if key[1:] != ("edu", "two", "three")}
    planning = Planning(whole_spec, done)
    assert [entry.name for entry in planning.open_entries()] == ["edu"]
    (batch,) = planning.shared(M, [GROUP])
    assert (batch.packed.members, batch.source.name) == (("edu",), "two")
    assert [target.name for target in batch.targets] == ["three"]


def test_doubtful_entries_with_the_same_pattern_have_the_same_mark(whole_spec: MatrixSpec) -> None:
    predicted: dict[CellKey, Answer] = {
        (M, "edu", "one", "two"): "blocked",
        (M, "e1000", "one", "two"): "blocked",
        (M, "pvscsi", "two", "one"): "blocked",
        (M, "usb-kbd", "two", "one"): "drift",
    }
    doubtful = Planning(whole_spec, (), predicted).doubtful(M)
    assert doubtful["edu"] == doubtful["e1000"] != doubtful["pvscsi"]
    assert "usb-kbd" not in doubtful
