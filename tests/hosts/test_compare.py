from __future__ import annotations

import msgspec
import pytest

from qcompat.errors import UsageError
from qcompat.hosts.compare import CpuOfferComparison, compare_hosts
from tests.hosts.samples import VALUES, host


def _compared(*more: object, **values: object) -> CpuOfferComparison:
    other = host("b", values={name: v for name, v in VALUES.items() if name not in more})
    if values:
        other = msgspec.structs.replace(
            other, builds=(msgspec.structs.replace(other.builds[0], **values),)
        )
    return compare_hosts(host("a"), other).offers[0]


def test_a_host_is_equal_to_itself() -> None:
    assert _compared().is_equal


def test_a_value_that_one_end_does_not_tell_is_not_called_equal() -> None:
    found = _compared("family")
    assert (found.untold, found.values, found.is_equal) == (("family",), (), False)


def test_models_that_one_end_does_not_tell_are_not_called_equal() -> None:
    found = _compared(unavailable={})
    assert (found.untold, found.is_equal) == (("models that run",), False)


def test_a_capture_without_any_feature_is_refused() -> None:
    with pytest.raises(UsageError, match="has no CPU feature of build qemu"):
        _compared(features=())
