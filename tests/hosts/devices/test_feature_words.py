"""Feature words are found in what QEMU prints, and in what people make of it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcompat.errors import UsageError
from qcompat.hosts.devices.explain import explain
from qcompat.hosts.devices.feature_words import MOST_BITS, FeatureWords, find_words

KNOWN = "Features 0x1c0010130afffa7 unsupported. Allowed features: 0x179bfffe7"
"""https://www.mail-archive.com/qemu-devel@nongnu.org/msg1151766.html"""
LOG = f"""2025-09-23T10:00:00.0Z qemu-system-x86_64: {KNOWN}
2025-09-23T10:00:00.0Z qemu-system-x86_64: Failed to load virtio-net:virtio
qemu-system-x86_64: error while loading state for instance 0x0 of device '0000:00:02.0/virtio-net'
qemu-system-x86_64: load of migration failed: Operation not permitted
"""


def refused(text: str, device: str = "") -> list[str]:
    (words,) = find_words(text)
    return [bit.name for bit in explain(words, device).refused]


@pytest.mark.parametrize(
    "text",
    [
        KNOWN,
        LOG,
        "Features 0x1c0010130afffa7 unsupported. Allowed 0x179bfffe7, virtio-net load fails",
        "0x1C0010130AFFFA7 0x179BFFFE7",
        "126101894189809575, 6337593319",
        "features 126101894189809575 unsupported. allowed features: 0x179bfffe7",
    ],
)
def test_all_spellings_of_one_message_say_the_same(text: str) -> None:
    assert refused(text) == ["queue_reset", "guest_uso4", "guest_uso6", "host_uso"]


def test_the_section_of_a_log_tells_the_device() -> None:
    (words,) = find_words(LOG)
    found = explain(words)
    assert words.section == "0000:00:02.0/virtio-net"
    assert (found.kind, found.told_by) == ("virtio-net", "log")


def test_the_device_is_concluded_only_where_one_kind_has_all_the_bits() -> None:
    (words,) = find_words(KNOWN)
    assert (explain(words).kind, explain(words).told_by) == ("virtio-net", "bits")
    (common,) = find_words("0x130000000")
    unknown = explain(common)
    assert unknown.kind == ""
    assert {"virtio-net", "virtio-blk"} <= set(unknown.candidates)


def test_a_word_with_bits_0_and_1_alone_fits_kinds_that_have_no_names_here() -> None:
    (words,) = find_words("0x3")
    assert explain(words).kind == ""


def test_an_unknown_bit_is_told_as_such() -> None:
    assert refused("0x400000000000000 0x0", "virtio-net") == ["bit 58 (unknown)"]


def test_words_of_128_bits_are_read() -> None:
    text = (
        "Features 0x00000000000000080000000000000020 unsupported. "
        "Allowed features: 0x00000000000000000000000000000020"
    )
    assert refused(text) == ["host_udp_tunnel_gso"]


def test_a_word_that_qemu_has_cut_does_not_tell_what_was_refused() -> None:
    """As 11.1.3 prints it for a guest that agreed on USO (tests/hosts/devices/test_real_hosts)."""
    text = (
        "Features 0x00000000000000000000010130bfffa7 unsupported. "
        "Allowed features: 0x00000000000000000000010179bfffe7\nload of migration failed: Invalid "
        "argument: error while loading state for instance 0x0 of device '0000:00:08.0/virtio-net'"
    )
    (words,) = find_words(text)
    found = explain(words)
    assert words.is_cut
    assert not found.refused
    assert {"host_uso", "guest_uso4", "guest_uso6"} <= {bit.name for bit in found.possible}
    assert "csum" not in {bit.name for bit in found.possible}


def test_two_words_without_a_message_that_differ_in_nothing_refuse_nothing() -> None:
    (words,) = find_words("0x20 0x21")
    assert not words.is_cut
    assert not words.refused


@pytest.mark.parametrize("text", ["vhost lacks feature mask 0x400 for backend", "1024"])
def test_a_mask_that_vhost_lacks_is_decimal_or_hexadecimal(text: str) -> None:
    number = text if text.isdigit() else "0x400"
    message = f"vhost lacks feature mask {number} for backend"
    (words,) = find_words(message)
    assert words.refused == 1024


def test_every_message_of_a_log_is_told_once() -> None:
    other = "Features 0x20 unsupported. Allowed features: 0x0"
    assert len(find_words(f"{LOG}\n{other}\n{LOG}")) == 2


@pytest.mark.parametrize("text", ["", "no words at all", "0x1 0x2 0x3", f"{1 << MOST_BITS:#x}"])
def test_what_is_no_message_is_an_error_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_words(text)
    assert caught.value.hint


def test_a_device_that_is_not_virtio_is_refused() -> None:
    with pytest.raises(UsageError, match="e1000"):
        explain(FeatureWords(1), "e1000")


@given(st.integers(0, (1 << MOST_BITS) - 1), st.integers(0, (1 << MOST_BITS) - 1))
def test_refused_are_the_agreed_bits_that_are_not_allowed(agreed: int, allowed: int) -> None:
    (words,) = find_words(f"{agreed:#x} {allowed}")
    found = explain(words, "virtio-net")
    assert sum(1 << bit.bit for bit in found.bits) == agreed
    assert sum(1 << bit.bit for bit in found.refused) == agreed & ~allowed


@given(st.text(max_size=200))
def test_any_text_gives_words_or_a_usage_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert find_words(text)
