"""JUnit XML as CI systems read it: well-formed, in the common shape, red only where it is news."""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from junitparser import JUnitXml, TestSuite

from qcompat.report.matrix.junit import clean
from qcompat.report.matrix.tally import failing, fields
from qcompat.trial.matrix.baseline import Change, change_since
from qcompat.trial.matrix.cell import Matrix
from tests.report.matrix.matrices import HOSTILE, ODD, cell, matrices, matrix, real, written

CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"properties", "failure", "error", "skipped"},
    "properties": {"property"},
}
ATTRIBUTES = {
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"name", "classname"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message", "type"},
    "property": {"name", "value"},
}
"""The shape that Jenkins, GitLab and others read, as far as it is used here."""


def root(each: Matrix, change: Change | None = None) -> Element:
    result: Element = fromstring(written("junit", each, change))
    return result


def results(each: Matrix, change: Change | None = None) -> list[tuple[str, str, str]]:
    """Guest, kind of result and its type, of all cases with a result."""
    cases = root(each, change).iter("testcase")
    return [
        (case.attrib["name"], result.tag, result.attrib["type"])
        for case in cases
        for result in case
        if result.tag != "properties"
    ]


def has_the_common_shape(element: Element) -> None:
    assert {child.tag for child in element} <= CHILDREN.get(element.tag, set()), element.tag
    assert ATTRIBUTES.get(element.tag, set()) <= set(element.attrib), element.tag
    for child in element:
        has_the_common_shape(child)


@given(matrices())
def test_any_matrix_has_the_common_shape(any_matrix: Matrix) -> None:
    has_the_common_shape(root(any_matrix))


@given(matrices())
def test_the_counts_of_a_suite_are_those_of_its_cases(any_matrix: Matrix) -> None:
    for suite in root(any_matrix).iter("testsuite"):
        cases = list(suite.iter("testcase"))
        tags = Counter(result.tag for case in cases for result in case)
        assert int(suite.attrib["tests"]) == len(cases)
        assert int(suite.attrib["failures"]) == tags["failure"]
        assert int(suite.attrib["skipped"]) == tags["skipped"]


def test_a_suite_is_a_way_and_a_case_is_a_guest() -> None:
    suites = [s for s in root(real()).iter("testsuite") if s.attrib["name"] != "left out"]
    counted = fields(real().cells)
    assert {s.attrib["name"]: len(list(s.iter("testcase"))) for s in suites} == {
        f"{machine}: {source} → {target}": counts.total()
        for (machine, source, target), counts in counted.items()
    }


def test_every_load_that_fails_is_a_failure() -> None:
    failed = {name for name, tag, _ in results(real()) if tag == "failure"}
    contradicting = {one.guest for one in real().cells if one.contradicts}
    assert failed == {one.guest for one in failing(real().cells)} | contradicting


def test_oddities_have_types_of_their_own() -> None:
    assert results(ODD) == [
        ("e1000e", "failure", "refused"),
        ("waverer", "failure", "flaky"),
        ("liar", "failure", "contradicts"),
        (clean(HOSTILE), "failure", "hung"),
        ("usb-mtp", "skipped", "left-out"),
    ]


def test_a_flaky_case_says_how_often_it_ended_how() -> None:
    case = next(c for c in root(ODD).iter("testcase") if c.attrib["name"] == "waverer")
    told = {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")}
    assert (told["seen.loaded"], told["seen.refused"]) == ("3", "1")


def test_texts_that_mean_harm_are_texts() -> None:
    failure = next(root(ODD).iter("failure"))
    assert failure.attrib["message"].startswith("</script><script>document.title='owned'")
    assert failure.text is not None
    assert "\\x1b[31m \\x00" in failure.text and "漢字 \\xfffe" in failure.text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("a\x00b", "a\\x00b"), ("\ud800", "\\xd800"), ("tab\t\nä😀", "tab\t\nä😀"), ("\x7f", "\x7f")],
)
def test_what_xml_cannot_hold_is_written_out(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_the_library_reads_it_back() -> None:
    document = JUnitXml.fromstring(written("junit", real()).encode())
    assert document.tests == len(real().cells) + len(real().left_out)
    assert all(isinstance(suite, TestSuite) for suite in document)


FAILS = cell(guest="known", kind="refused", predicted="blocked", message="as ever")
CHANGE = change_since(
    THEN := matrix(cell(), FAILS, cell(guest="gone"), cell(guest="away"), cell(guest="sees")),
    NOW := matrix(
        cell(kind="refused", predicted="blocked", message="now refused"),
        FAILS,
        cell(guest="sees", predicted="unknown"),
        cell(guest="newcomer", kind="crashed"),
        left_out={"away": "no build starts it"},
    ),
)


def test_with_a_baseline_only_news_are_red() -> None:
    assert results(NOW, CHANGE) == [
        ("e1000e", "failure", "worse"),
        ("known", "skipped", "known"),
        ("sees", "error", "unproven"),
        ("newcomer", "skipped", "new"),
        ("gone", "error", "unproven"),
        ("away", "failure", "worse"),
        ("away", "skipped", "left-out"),
    ]


def test_with_a_baseline_that_is_as_good_nothing_is_red() -> None:
    document = root(real(), change_since(real(), real()))
    assert not list(document.iter("failure")) and not list(document.iter("error"))
    skipped = [one for one in document.iter("skipped") if one.attrib["type"] == "known"]
    assert len(skipped) == len(failing(real().cells))
