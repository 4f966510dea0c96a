"""Posted texts, real and in other clothes, are read as a person reads them: right cause first."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import qcompat.explain
from qcompat.explain.catalogue import catalogue, causes_of
from qcompat.explain.explain import explain
from qcompat.explain.template import Template
from qcompat.rules.advisories.advisory import advisories
from qcompat.rules.registry import RULES
from tests.trial.test_cause import MESSAGES

DATA = Path(__file__).parents[1] / "data" / "explain"
POSTED = tomllib.loads((DATA / "posted.toml").read_text())["posted"]
_VALUE = re.compile(r"\{\w*:?(\w+)?\}")
WORDINGS = tomllib.loads((DATA / "wordings.toml").read_text())["posted"]


@pytest.mark.parametrize("posted", [*POSTED, *WORDINGS], ids=lambda posted: posted["family"])
def test_right_cause_comes_first(posted: dict[str, str]) -> None:
    first = explain(posted["text"]).problems[0]
    assert first.said.family == posted["family"]
    assert posted["why"] in first.causes[0].why
    assert first.device == posted.get("device", first.device)


@pytest.mark.parametrize("posted", [*POSTED, *WORDINGS], ids=lambda posted: posted["family"])
def test_no_sentence_has_a_hole(posted: dict[str, str]) -> None:
    for problem in explain(posted["text"]).problems:
        for cause in problem.causes:
            assert "{" not in f"{problem.means}{cause.why}{cause.do}{cause.set}"
            assert cause.why and cause.do


def test_what_follows_is_no_problem_of_its_own() -> None:
    found = explain(POSTED[16]["text"])
    assert [each.said.family for each in found.problems] == ["pci_config_data"]
    assert [(each.family, each.line) for each in found.follows] == [
        ("field_not_loaded", 2),
        ("field_not_loaded", 3),
        ("state_not_loaded", 4),
        ("load_failed", 5),
    ]


def test_vectors_of_a_stream_tell_its_queues() -> None:
    blk = explain(POSTED[16]["text"]).problems[0].causes[0]
    assert blk.set == "-device virtio-blk-pci,…,num-queues=4"
    scsi = explain(POSTED[16]["text"].replace("virtio-blk", "virtio-scsi")).problems[0].causes[0]
    assert scsi.set == "-device virtio-scsi-pci,…,num-queues=2"


def test_a_line_to_paste_without_its_value_is_left_out() -> None:
    cut = "Features 0x30afffe3 unsupported. Allowed features: 0x79bfffe7"
    assert all("…," not in cause.set for cause in explain(cut).problems[0].causes)


def test_several_problems_come_in_their_order() -> None:
    text = POSTED[13]["text"] + POSTED[15]["text"]
    assert [each.said.family for each in explain(text).problems] == ["ram_size", "section_footer"]


def test_an_earlier_start_comes_after_the_newest() -> None:
    text = next(each["text"] for each in WORDINGS if "piix4_pm" in each["text"])
    newest, earlier = explain(text).problems
    assert (newest.said.family, newest.is_earlier) == ("section_footer", False)
    assert (earlier.said.family, earlier.is_earlier) == ("ram_block_unknown", True)


def test_an_unknown_text_has_neighbours_and_no_problem() -> None:
    found = explain("qemu: Size mismatch of the frobnicator: 0x1 differs, migration failed badly")
    assert not found.problems
    assert explain("all is well").nearest == ()


def test_lines_are_counted_as_they_were_given() -> None:
    text = "\n\nfirst\n" + POSTED[15]["text"].strip()
    assert explain(text).problems[0].said.line == 4


@pytest.mark.parametrize("family", catalogue().families)
def test_what_a_family_names_is_there(family: str) -> None:
    for cause in causes_of(family):
        assert set(cause.rules) <= set(RULES)
        assert set(cause.advisories) <= set(advisories())
    assert set(catalogue().families[family].follows) <= set(catalogue().families)


@pytest.mark.parametrize("family", catalogue().families)
def test_every_message_finds_its_own_family(family: str) -> None:
    messages = [each.template for each in catalogue().messages if each.family == family]
    for template in messages:
        found = explain(f"kvm: {_said(template)}")
        families = [each.said.family for each in found.problems]
        assert family in [*families, *(each.family for each in found.follows)], template.text


def _said(template: Template) -> str:
    """The message with some value in each place."""
    values = {"hex": "0x1f", "num": "17"}
    return _VALUE.sub(lambda value: values.get(value.group(1) or "", "w"), template.text)


@pytest.mark.parametrize(("message", "kind"), [each[:2] for each in MESSAGES])
def test_what_a_trial_can_read_is_explained(message: str, kind: str) -> None:
    first = explain(message).problems[0]
    assert first.said.role == "cause" or kind in ("cut short", "unknown subsection", "state")


def test_a_device_that_fails_with_enoent_has_a_part_that_the_target_does_not_know() -> None:
    text = (
        "kvm: error while loading state for instance 0x0 of device '0000:00:02.0/virtio-net'\n"
        "kvm: load of migration failed: No such file or directory"
    )
    assert "subsection" in explain(text).problems[0].causes[0].why


def test_no_two_families_have_one_name() -> None:
    files = (Path(qcompat.explain.__path__[0]) / "families").rglob("*.toml")
    assert sorted(path.stem for path in files) == sorted(catalogue().families)
