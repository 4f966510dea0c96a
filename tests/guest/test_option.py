"""The syntax of options: what is written is read again."""

import json

from hypothesis import given
from hypothesis import strategies as st

from qcompat.guest.option import Option, flatten, format_fields, format_json, parse_fields

keys = st.from_regex(r"[a-z][a-z0-9._-]{0,8}", fullmatch=True)
values = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
fields = st.lists(st.tuples(keys, values), max_size=6).map(tuple)


@given(fields)
def test_fields_survive_writing_and_reading(pairs: tuple[tuple[str, str], ...]) -> None:
    assert parse_fields(format_fields(pairs)) == pairs


@given(fields, values)
def test_an_implied_key_survives_and_comes_first(
    pairs: tuple[tuple[str, str], ...], driver: str
) -> None:
    rest = tuple(pair for pair in pairs if pair[0] != "driver")
    text = format_fields((*rest, ("driver", driver)), "driver")
    assert parse_fields(text, "driver") == (("driver", driver), *rest)


def test_two_commas_are_one_comma_of_the_value() -> None:
    assert parse_fields("file=a,,b,if=none") == (("file", "a,b"), ("if", "none"))


def test_a_later_bare_field_is_a_switch() -> None:
    read = parse_fields("socket,id=c,server,nowait", "backend")
    assert read == (("backend", "socket"), ("id", "c"), ("server", "on"), ("wait", "off"))


def test_json_flattens_to_dotted_keys() -> None:
    value = {"driver": "raw", "read-only": True, "file": {"driver": "file"}, "l": [1, 2]}
    assert tuple(flatten(value)) == (
        ("driver", "raw"),
        ("read-only", "on"),
        ("file.driver", "file"),
        ("l.0", "1"),
        ("l.1", "2"),
    )


def test_json_keeps_its_types_and_loses_what_was_taken_out() -> None:
    text = '{"driver":"virtio-blk-pci","bootindex":1,"romfile":"x","iothread-vq-mapping":[{"a":1}]}'
    option = Option("device", tuple(flatten(json.loads(text))), json=text)
    written = json.loads(format_json(option.without("romfile")))
    assert written == {
        "driver": "virtio-blk-pci",
        "bootindex": 1,
        "iothread-vq-mapping": [{"a": 1}],
    }
