"""An option that a build does not take, as its user is told of it: its name, what to do."""

from __future__ import annotations

import re

import msgspec

from qcompat.portrait.portrait import RefusedOption
from qcompat.remedy.gone import Refused, advice, refused_in, translate
from qcompat.remedy.options import Options, Written

_INSTEAD = {
    "audiodev": "-audiodev none,id={id}",
    "chardev": "-chardev null,id={id}",
    "netdev": "-netdev user,id={id}",
    "display": "-display none",
}
"""A back end that every build has, by option."""
_INSTALL = re.compile(r"\.? Perhaps you want to install (\S+(?: or \S+)*) package\?")
_MOST_SHOWN = 60


class Described(msgspec.Struct, frozen=True):
    """`name` is the option as far as it is needed to find it in the line."""

    name: str
    message: str
    advice: str


def described(refused: RefusedOption) -> Described | None:
    """What is said of it; None where the build only spells it otherwise."""
    line = Options(refused.words)
    option, before, meaning = line.all()[0], line.words(), _meaning(refused)
    if translate(line, option, meaning) is not None and line.words() != before:
        return None
    option = Options(refused.words).all()[0]
    message = _INSTALL.sub("", refused.message).rstrip(".")
    return Described(_name(option, refused), message, _advice(option, refused, meaning))


def _meaning(refused: RefusedOption) -> Refused:
    if refused.kind:
        return Refused(refused.message, value=refused.kind)
    if refused.member:
        return Refused(refused.message, parameter=refused.member)
    return refused_in(refused.message)


def _name(option: Written, refused: RefusedOption) -> str:
    if refused.kind and option.name not in ("drive", "blockdev"):
        return f"-{option.name} {refused.kind}"
    given = option.value
    shown = given if len(given) <= _MOST_SHOWN else f"{given[:_MOST_SHOWN]}…"
    return f"-{option.name} {shown}".rstrip()


def _advice(option: Written, refused: RefusedOption, meaning: Refused) -> str:
    if known := advice(option, meaning):
        return known[0].upper() + known[1:]
    if meaning.parameter:
        return f"Leave {meaning.parameter} out there: the guest does not see it"
    if not meaning.value:
        return "Leave it out there: the guest does not see it"
    named = _INSTALL.search(refused.message)
    package = named[1] if named else "the package that has its module"
    install = f"Install {package} there, or take another: " if refused.is_module else ""
    example = _INSTEAD.get(option.name, "").format(id=option.read().get("id") or "ID")
    such = f", such as {example}" if example else ""
    other = "any other that it has will do"
    any_other = other if install else other.capitalize()
    return f"{install}{any_other}{such}, since back ends may differ between hosts"
