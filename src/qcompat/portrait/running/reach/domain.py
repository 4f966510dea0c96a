"""A session with a QEMU that libvirt runs: `virsh qemu-monitor-command` for every question.

libvirt passes the words on as they are, and answers as QEMU does. It notes in its log that the
domain's monitor was used (taint `custom-monitor`), and nothing else changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shlex
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from qcompat.errors import (
    UNDECODABLE,
    CommandError,
    LibvirtError,
    QemuError,
    QemuTimeoutError,
    UsageError,
)
from qcompat.portrait.running.reach.running import Domain
from qcompat.portrait.running.reach.virsh import Done, listening, virsh
from qcompat.qemu.monitor import Monitor, pauses_in

ANSWER_SECONDS = 15.0
"""For one call of virsh, a login over ssh included."""
SESSION_SECONDS = 300.0
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class DomainFacts(msgspec.Struct, frozen=True):
    """A running domain as libvirt describes it: `xml` is the live one, with what was plugged."""

    domain: Domain
    name: str
    uuid: str
    xml: str
    uri: str


class DomainSession:
    """A `Session` through libvirt; use `look_at_domain`. Calls go by UUID, which stays."""

    pid = None

    def __init__(self, facts: DomainFacts) -> None:
        self.facts = facts
        self.is_here = not urlsplit(facts.uri).hostname

    async def execute(self, command: str, arguments: Mapping[str, Any]) -> Any:
        """As `Session`."""
        return await self._call(command, arguments)

    async def hand(self, descriptor: int, command: str, arguments: Mapping[str, Any]) -> Any:
        """As `Session`; virsh has the option since libvirt 8.2, for its own machine's domains."""
        return await self._call(command, arguments, [f"--pass-fds={descriptor}"], [descriptor])

    @contextlib.asynccontextmanager
    async def pauses(self) -> AsyncIterator[list[float]]:
        """As `Session`; libvirt passes QEMU's events on, with their own time."""
        words = [f"--domain={self.facts.uuid}", "--regex", "--event=^(STOP|RESUME)$", "--loop"]
        found: list[float] = []
        connect = self.facts.domain.connect
        async with listening(connect, ["qemu-monitor-event", *words]) as told:
            yield found
            found += pauses_in([*map(_event, _EVENT.findall(await told()))])

    async def _call(
        self,
        command: str,
        arguments: Mapping[str, Any],
        options: Sequence[str] = (),
        inherit: Sequence[int] = (),
    ) -> Any:
        request: dict[str, Any] = {"execute": command}
        if arguments:
            request["arguments"] = dict(arguments)
        words = ["qemu-monitor-command", f"--domain={self.facts.uuid}", *options]
        done = await virsh(
            self.facts.domain.connect,
            [*words, f"--cmd={json.dumps(request)}"],
            seconds=ANSWER_SECONDS,
            inherit=inherit,
        )
        return _answer(command, done, hands=bool(inherit))


_EVENT = re.compile(r"^event (STOP|RESUME) at (\d+)\.(\d+) for domain", re.MULTILINE | re.ASCII)


def _event(told: tuple[str, str, str]) -> Mapping[str, Any]:
    name, seconds, microseconds = told
    return {"event": name, "timestamp": {"seconds": seconds, "microseconds": int(microseconds)}}


def _answer(command: str, done: Done, *, hands: bool) -> Any:
    if done.code:
        hint = _hint(done.reason, hands=hands)
        raise QemuError(f"libvirt did not pass {command} on: {done.reason}", hint)
    try:
        answer = json.loads(done.out)
    except UNDECODABLE as error:
        raise QemuError(f"virsh printed no answer of QEMU's to {command}", _NO_VIRSH) from error
    if isinstance(answer, dict) and "return" in answer:
        return answer["return"]
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        raise CommandError(f"{command}: {answer['error'].get('desc', '')}")
    raise QemuError(f"virsh printed no answer of QEMU's to {command}", _NO_VIRSH)


_NO_VIRSH = "is the virsh on this machine's PATH libvirt's?"


def _hint(reason: str, *, hands: bool) -> str:
    if hands:
        return "an open file is passed by libvirt 8.2 or later, on the guest's own host"
    if "state change lock" in reason:
        return "libvirt does something else with the domain: try again when that has ended"
    return "it may be a right that libvirt's access control denies"


@contextlib.asynccontextmanager
async def look_at_domain(
    domain: Domain, tried: frozenset[str] = frozenset(), *, stops: bool = False
) -> AsyncIterator[Monitor]:
    """A monitor through libvirt; `tried` and `stops` are as in `Monitor`. Errors: as `facts_of`."""
    try:
        async with asyncio.timeout(SESSION_SECONDS):
            yield Monitor(DomainSession(await facts_of(domain)), tried, stops=stops)
    except TimeoutError as error:
        raise QemuTimeoutError(
            f"asking the domain {domain.name} took more than {SESSION_SECONDS:.0f} s",
            "over ssh every question is a login: let ssh share a connection (ControlMaster)",
        ) from error


async def facts_of(domain: Domain) -> DomainFacts:
    """What libvirt says of a domain that runs.

    Raises UsageError where there is no such domain, where it is off, and where no QEMU runs it;
    LibvirtError where libvirt cannot be asked.
    """
    words = ["dumpxml", f"--domain={domain.name}"]
    done = await virsh(domain.connect, words, seconds=ANSWER_SECONDS)
    if done.code:
        raise _not_found(domain, done.reason)
    xml, root = _read(done.out)
    name = root.findtext("name") or domain.name
    uuid = root.findtext("uuid", "").strip()
    if (kind := root.get("type", "not told")) not in ("qemu", "kvm"):
        raise UsageError(
            f"no QEMU runs the domain {name}: its type is {kind}",
            "qcompat knows the domains of libvirt's QEMU driver (qemu:///system)",
        )
    if not root.get("id"):
        raise UsageError(
            f"the domain {name} is not running",
            f"start it: virsh {domain.option}start --domain {shlex.quote(name)}; or ask about its"
            f" definition: virsh {domain.option}dumpxml --domain {shlex.quote(name)}",
        )
    if not _UUID.fullmatch(uuid):
        raise LibvirtError("virsh printed a domain without a UUID", _NO_VIRSH)
    return DomainFacts(domain, name, uuid, xml, await _uri(domain))


async def _uri(domain: Domain) -> str:
    """Where the connection leads; virsh knows its default."""
    if domain.connect:
        return domain.connect
    return (await virsh("", ["uri"], seconds=ANSWER_SECONDS)).out.decode(errors="replace").strip()


def _read(data: bytes) -> tuple[str, Element]:
    try:
        text = data.decode()
        root = fromstring(text)
    except (ParseError, DefusedXmlException, LookupError, *UNDECODABLE) as error:
        raise LibvirtError("virsh printed no domain's XML", _NO_VIRSH) from error
    if root.tag != "domain":
        raise LibvirtError(f"virsh printed XML of a {root.tag}, not of a domain", _NO_VIRSH)
    return text, root


def _not_found(domain: Domain, reason: str) -> UsageError | LibvirtError:
    if "failed to get domain" in reason or "Domain not found" in reason:
        return UsageError(
            f"libvirt has no domain {domain.name}"
            + (f" at {domain.connect}" if domain.connect else ""),
            f"its domains are listed by: virsh {domain.option}list --all;"
            " another connection is named by --connect URI (qemu:///system, qemu+ssh://HOST/system)",
        )
    return LibvirtError(
        f"libvirt cannot be asked for the domain {domain.name}: {reason}",
        f"try: virsh {domain.option}list --all",
    )
