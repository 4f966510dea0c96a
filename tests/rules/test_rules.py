"""What every rule says of itself is complete, and names only what there is."""

from __future__ import annotations

import string
from collections import Counter

import pytest

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
def test_rule_explains_only_rules_that_exist(rule: Rule) -> None:
    assert set(rule.explains) <= set(RULES)


def test_every_rule_has_a_place_of_its_own_in_the_order_of_findings() -> None:
    places = Counter((STAGES.index(rule.stage), rule.position) for rule in RULES.values())
    assert max(places.values()) == 1
    assert list(places) == sorted(places)


def _words(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
