"""What every rule says of itself is complete, and names only what there is."""

from __future__ import annotations

import ast
import inspect
import string
from collections import Counter
from collections.abc import Iterator

import pytest

from qcompat.rules.effect import NOT_KNOWN
from qcompat.rules.registry import MODULES, RULES
from qcompat.rules.rule import STAGES, Rule

VERBS = {"missing", "added", "changed", "raised", "lowered", "reordered", "exceeded", "unproven"}
"""The closed list: a rule's id is an event."""

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


@each_rule
def test_rule_is_named_after_its_file_and_event(rule: Rule) -> None:
    assert MODULES[rule.id].__name__.rpartition(".")[2] == rule.id
    words = rule.id.removesuffix("_on_target").removesuffix("_on_source").split("_")
    assert words[-1] in VERBS


@each_rule
def test_rule_has_a_page_and_a_sentence(rule: Rule) -> None:
    assert (MODULES[rule.id].__doc__ or "").strip()
    assert rule.says
    for sentence in rule.says.values():
        assert not sentence.endswith((".", " "))
        assert all(name.isidentifier() for name in _words(sentence))


@each_rule
def test_rule_about_what_the_guest_sees_says_when_and_why(rule: Rule) -> None:
    breaks = 'promise="unchanged"' in inspect.getsource(MODULES[rule.id])
    assert not breaks or rule.effect != NOT_KNOWN
    assert rule.effect.when != "load"
    assert rule.effect_on("loads").when == "load"


@each_rule
def test_rule_explains_only_rules_that_exist(rule: Rule) -> None:
    assert set(rule.explains) <= set(RULES)


@each_rule
def test_sentences_are_made_of_what_the_rule_gives(rule: Rule) -> None:
    """Read from the source, since not every case has a recording."""
    tree = ast.parse(inspect.getsource(MODULES[rule.id]))
    given: set[str] = set()
    cases: set[str] = set()
    for keyword in (each for each in ast.walk(tree) if isinstance(each, ast.keyword)):
        if keyword.arg == "args" and isinstance(keyword.value, ast.Dict):
            given |= set(_texts(*filter(None, keyword.value.keys)))
        if keyword.arg == "case":
            cases |= set(_texts(*ast.walk(keyword.value)))
    assert set().union(*map(_words, rule.says.values())) <= given
    assert cases <= set(rule.says)


def test_every_rule_has_a_place_of_its_own_in_the_order_of_findings() -> None:
    places = Counter((STAGES.index(rule.stage), rule.position) for rule in RULES.values())
    assert max(places.values()) == 1
    assert list(places) == sorted(places)


def _words(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def _texts(*nodes: ast.AST) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
