from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import FileFormatError
from qcompat.hosts.capture import NAMELESS
from qcompat.hosts.read.recognise import recognise
from qcompat.hosts.read.replies import read_replies

HELLO = {"execute": "qmp_capabilities"}
VERSION = {"return": {"qemu": {"major": 9, "minor": 2, "micro": 1}}}


def _expansion(**props: Any) -> dict[str, Any]:
    return {"return": {"model": {"name": "base", "props": {"vendor": "GenuineIntel", **props}}}}


def _models(**lacking: list[str]) -> dict[str, Any]:
    listed = [
        {"name": name, "typename": f"{name}-x86_64-cpu", "unavailable-features": features}
        for name, features in lacking.items()
    ]
    return {"return": listed}


def _file(*objects: object) -> bytes:
    return "\n\n".join(json.dumps(each, indent=2) for each in objects).encode()


def test_the_first_qemu_ran_with_kvm_and_the_second_without() -> None:
    one = (HELLO, VERSION, _expansion(avx=True), _expansion(avx=True, invtsc=True))
    found = read_replies(_file(*one, HELLO, _expansion(avx=False, sse=True)), "caps")
    kvm, tcg = found.builds
    assert (kvm.build, kvm.accelerator, kvm.features) == ("9.2.1", "kvm", ("avx",))
    assert kvm.unmigratable == ("invtsc",)
    assert (tcg.accelerator, tcg.features, tcg.known) == ("tcg", ("sse",), ("avx", "sse"))


def test_spellings_become_one_and_settings_are_no_features() -> None:
    props = {"sse4-1": True, "sse4_1": True, "sse4.1": True, "i64": True, "enforce": True}
    found = read_replies(_file(_expansion(**props)), "host")
    assert found.builds[0].features == ("lm", "sse4.1")


def test_models_tell_what_the_host_lacks() -> None:
    found = read_replies(_file(_expansion(avx=True), _models(Haswell=["rtm", "hle"], n270=[])), "h")
    assert found.builds[0].unavailable == {"Haswell": "hle rtm", "n270": ""}


def test_a_bit_without_a_name_is_not_lost() -> None:
    found = read_replies(_file(_expansion(avx=True), _models(Cascadelake=[""])), "h")
    assert found.builds[0].unavailable == {"Cascadelake": NAMELESS}


@pytest.mark.parametrize(
    "odd",
    [
        {"return": []},
        {"return": {"model": {}}},
        {"return": {"model": {"props": []}}},
        {"return": [{"name": 1, "typename": "x"}]},
        {"return": [{"name": "x", "typename": "x", "unavailable-features": 3}]},
        {"return": None},
        {"event": "STOP"},
    ],
)
def test_replies_about_other_things_are_passed_over(odd: dict[str, Any]) -> None:
    found = read_replies(_file(odd, _expansion(avx=True)), "host")
    assert found.builds[0].features == ("avx",)


def test_a_file_that_was_cut_is_refused() -> None:
    with pytest.raises(FileFormatError, match="not a sequence of JSON objects"):
        read_replies(_file(_expansion(avx=True))[:-3], "host")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_host_or_refused(data: bytes) -> None:
    with pytest.raises(FileFormatError):
        recognise(data, "host")


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(FileFormatError):
        recognise(b'{"a":' * 100_000, "host")
