"""Back ends of a remedy as the user wrote them: a guest's own arguments have stand-ins there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from qcompat.guest.known_options import is_backend
from qcompat.guest.option import Option
from qcompat.remedy.options import Options
from qcompat.remedy.setting import Setting

_IDS = ("id", "node-name")


def as_given(settings: Iterable[Setting], words: Sequence[str]) -> tuple[Setting, ...]:
    """The settings; a whole option that makes a back end has the value that `words` give it.

    It is found by its id. One that the words do not have is left out: nobody could paste it.
    """
    return tuple(_as_given(settings, Options(words)))


def _as_given(settings: Iterable[Setting], given: Options) -> Iterator[Setting]:
    for setting in settings:
        if setting.reach != "argument" or not is_backend(setting.driver):
            yield setting
        elif value := _given(setting.driver, setting.value, given):
            old = _given(setting.driver, setting.instead_of, given)
            yield msgspec.structs.replace(setting, value=value, instead_of=old)


def _given(option: str, value: str, given: Options) -> str:
    if not value:
        return ""
    (ours,) = Options((option, value)).all()
    wanted = _id(ours.read())
    same = [e for e in given.named(ours.name) if wanted and _id(e.read()) == wanted]
    return same[-1].value if same else ""


def _id(option: Option) -> str:
    return next((option.get(key) for key in _IDS if option.has(key)), "")
