"""KVM is there where it answers, not where a file is called so."""

from __future__ import annotations

from pathlib import Path

import pytest

from qcompat.local.kvm import has_kvm


@pytest.mark.parametrize("name", ["/dev/null", "/dev/zero", "/nonexistent/kvm", "/"])
def test_what_does_not_answer_as_kvm_is_none(name: str) -> None:
    assert not has_kvm(Path(name))
