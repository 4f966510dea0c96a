"""A text without what is personal in it: every name, address and path by one stand-in for each.

The same value has the same stand-in everywhere, so that who reads the text still sees what belongs
together. What a cause is found by stays: versions, machine types, PCI addresses, device types,
numbers, and the paths of the system's own programs.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_BEFORE_NAME = (
    r"\bguest=",
    r"-name\s(?:guest=)?",
    r"\b[Dd]omain\s(?:name\s?=?\s?)?['\"]",
    r"\bdomain=",
    r"\bvm='?",
    r"\b[Ii]nstance:?\s['\"]?",
    r"\bVMI?\s['\"]",
    r"\b(?:namespace|name|user|host(?:name)?)['\"]?\s?[=:]\s?['\"]?",
    r"\bserial=",
    r"/qemu/(?=[\w.-]{1,100}\.log)",
)
_SECRET = re.compile(
    r"(?P<before>(?:password|passwd|secret|token|api[-_]?key|cookie)['\"]?\s{0,3}[=:]\s{0,3}"
    r"(?:Bearer\s)?['\"]?)(?P<value>[^\s,'\"}]{1,400})",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"(?P<before>[a-z][a-z0-9+.-]{1,20}://)(?P<value>[^\s/@'\"]{1,200})@")
_MAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b")
_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_MAC = re.compile(r"(?<![\w:])[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}(?![\w:])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_IPV6 = re.compile(
    r"(?<![\w:.])(?:(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}"
    r"|(?:[0-9a-fA-F]{1,4}:){1,6}(?::[0-9a-fA-F]{1,4}){1,6})(?![\w:.])"
)
_NAMED = re.compile(
    rf"(?P<before>{'|'.join(_BEFORE_NAME)})(?P<value>[A-Za-z][\w.-]{{0,100}}?)"
    r"(?=\.log\b|[^\w.-]|\.?$)",
    re.MULTILINE,
)
_JOURNAL = re.compile(
    r"^(?P<before>(?:[A-Z][a-z]{2}\s{1,2}\d{1,2}\s\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\S{8,24})\s)"
    r"(?P<value>[A-Za-z][\w.-]{0,100})(?=\s[\w@/().-]{1,80}(?:\[\d{1,10}\])?:\s)",
    re.MULTILINE,
)
_DOTTED = re.compile(r"(?<![\w./-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,6}[a-z]{2,12}(?![\w/-])", re.I)
_PATH = re.compile(r"(?<![\w.:/<-])/(?:[\w.@+~%-]{1,100}/){0,20}[\w.@+~%-]{1,100}")
_OF_SYSTEM = re.compile(r"/(?:usr|bin|sbin|lib|lib64|proc|sys|dev|etc|build\w*|rom@\w+|objects)/")
_TOP_LEVEL = re.compile(
    r"\.(?:com|net|org|edu|gov|info|cloud|local|lan|internal|intern|corp|home|example|test"
    r"|[a-z]{2})$",
    re.IGNORECASE,
)
_NO_HOST = re.compile(
    r"\.(?:py|rs|go|so|sh|io|md|cc)$|(?:^|\.)(?:qemu|libvirt|kernel|freedesktop)\.org$"
    r"|(?:^|\.)(?:github|gitlab)\.com$",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    """The text with stand-ins such as `IP-1`, `HOST-2`, `/PATH-3.qcow2`, `NAME-1`."""
    names = _StandIns()
    steps: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
        (_SECRET, lambda found: f"{found['before']}SECRET"),
        (_LOGIN, lambda found: f"{found['before']}{names.of('USER', found['value'])}@"),
        (_MAIL, lambda found: names.of("MAIL", found.group())),
        (_UUID, lambda found: names.of("UUID", found.group().lower())),
        (_MAC, lambda found: names.of("MAC", found.group().lower())),
        (_IPV4, lambda found: names.of("IP", found.group())),
        (_IPV6, lambda found: names.of("IP", found.group().lower())),
        (_JOURNAL, lambda found: f"{found['before']}{names.of('HOST', found['value'])}"),
        (_NAMED, lambda found: f"{found['before']}{names.of('NAME', found['value'])}"),
        (_PATH, lambda found: _path(found.group(), names)),
        (_DOTTED, lambda found: _host(found.group(), names)),
    )
    for pattern, replace in steps:
        text = pattern.sub(replace, text)
    return names.everywhere(text)


class _StandIns:
    """One stand-in for each value."""

    _MOST = 1000

    def __init__(self) -> None:
        self._known: dict[str, dict[str, str]] = {}

    def of(self, kind: str, value: str) -> str:
        known = self._known.setdefault(kind, {})
        return known.setdefault(value, f"{kind}-{len(known) + 1}")

    def everywhere(self, text: str) -> str:
        """Names that were found in one place are replaced wherever they stand."""
        found = {
            value: name
            for kind in ("NAME", "HOST", "USER")
            for value, name in self._known.get(kind, {}).items()
            if len(value) > 2
        }
        if not found:
            return text
        longest = sorted(found, key=len, reverse=True)[: self._MOST]
        any_of = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))})(?![\w-])")
        return any_of.sub(lambda match: found[match.group()], text)


def _path(path: str, names: _StandIns) -> str:
    if _OF_SYSTEM.match(path):
        return path
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    return f"/{names.of('PATH', path)}{dot}{ending if dot else ''}"


def _host(word: str, names: _StandIns) -> str:
    """Dotted words are versions, files and modules as often as hosts."""
    is_host = _TOP_LEVEL.search(word) and not _NO_HOST.search(word) and not word[0].isdigit()
    return names.of("HOST", word.lower()) if is_host else word
