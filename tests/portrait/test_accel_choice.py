from collections.abc import Mapping

import pytest

from qcompat.builds.facts import Accel
from qcompat.errors import BuildError, UsageError
from qcompat.portrait import accel_choice
from qcompat.portrait.accel_choice import AccelChoice, choose_accel

Had = Mapping[str, tuple[Accel, ...]]
ALL: Had = {"a": ("kvm", "tcg"), "b": ("kvm", "tcg")}
NO_TCG: Had = {"a": ("kvm", "tcg"), "b": ("kvm",)}
NO_KVM: Had = {"a": ("tcg",), "b": ("kvm", "tcg")}


@pytest.fixture(autouse=True)
def kvm(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    has = "without_kvm" not in request.fixturenames
    monkeypatch.setattr(accel_choice, "has_kvm", lambda: has)
    monkeypatch.setattr("os.uname", lambda: type("U", (), {"machine": "x86_64"}))


@pytest.fixture
def without_kvm() -> None:
    """This machine has no KVM."""


@pytest.mark.parametrize(
    ("choice", "had", "chosen"),
    [
        ("auto", {}, "kvm"),
        ("auto", {"a": ()}, "kvm"),
        ("auto", ALL, "kvm"),
        ("auto", NO_TCG, "kvm"),
        ("auto", NO_KVM, "tcg"),
        ("tcg", ALL, "tcg"),
        ("kvm", NO_TCG, "kvm"),
    ],
)
def test_accelerator_is_one_that_every_build_has(
    choice: AccelChoice, had: Had, chosen: Accel
) -> None:
    assert choose_accel(choice, "x86_64", had) == chosen


@pytest.mark.parametrize(
    ("choice", "had", "message", "hint"),
    [
        ("tcg", NO_TCG, "b cannot run with TCG", "use --accel kvm"),
        ("kvm", NO_KVM, "a cannot run with KVM", "use --accel tcg"),
    ],
)
def test_one_that_a_build_lacks_is_refused(
    choice: AccelChoice, had: Had, message: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        choose_accel(choice, "x86_64", had)
    assert refused.value.hint == hint


@pytest.mark.parametrize("had", [{"a": ("kvm",), "b": ("tcg",)}])
def test_builds_with_nothing_in_common_are_no_verdict(had: Had) -> None:
    with pytest.raises(BuildError, match="b cannot run with KVM and a cannot run with TCG"):
        choose_accel("auto", "x86_64", had)


@pytest.mark.usefixtures("without_kvm")
def test_build_without_tcg_needs_kvm() -> None:
    with pytest.raises(BuildError, match="/dev/kvm cannot be opened here and b cannot run with"):
        choose_accel("auto", "x86_64", NO_TCG)
    assert choose_accel("auto", "x86_64", NO_KVM) == "tcg"
