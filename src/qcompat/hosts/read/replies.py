"""QMP replies kept in a file: libvirt's test captures, or any recorded session.

Two kinds exist in libvirt's source: `qemucapabilitiesdata/*.replies`, pairs of a command and its
reply, first of a QEMU with KVM, then of one with TCG; and `cputestdata/*.json`, replies alone:
the full expansion of what `host` expanded to, and often the list of models. Objects follow
each other, whatever separates them. Replies about anything but CPUs are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from qcompat.builds.build import BuildIdentity
from qcompat.errors import UNDECODABLE, FileFormatError
from qcompat.hosts.ask.answers import aliases_in, unavailable_in, values_in
from qcompat.hosts.capture import BuildCapture, HostCapture
from qcompat.hosts.cpu.features.names import known_in, on_in

_MOST_OBJECTS = 100_000


class _Session(msgspec.Struct):
    """The replies of one QEMU, as far as they were read."""

    expansions: list[Mapping[str, Any]]
    listed: Sequence[Mapping[str, Any]] = ()
    version: str = ""
    machines: tuple[str, ...] = ()


def read_replies(data: bytes, name: str) -> HostCapture:
    """The host of recorded replies. Errors: FileFormatError where they describe no CPU."""
    sessions = [each for each in _sessions(_objects(data, name)) if each.expansions]
    if not sessions:
        raise FileFormatError(
            f"{name} holds no reply to query-cpu-model-expansion",
            "ask the build: query-cpu-model-expansion of `host` (KVM) or `max`, and "
            "query-cpu-definitions",
        )
    version = next((each.version for each in sessions if each.version), "")
    accelerators = ("kvm", "tcg")
    builds = tuple(
        _capture(session, accelerator, version, name)
        for session, accelerator in zip(sessions, accelerators, strict=False)
    )
    return HostCapture(name=name, builds=builds, origin="qmp replies")


def _capture(session: _Session, accelerator: str, version: str, name: str) -> BuildCapture:
    props = session.expansions[0]
    features = on_in(props)
    everything = on_in(session.expansions[1]) if len(session.expansions) > 1 else ()
    return BuildCapture(
        build=version or name,
        accelerator=accelerator,
        cpu="host" if accelerator == "kvm" else "max",
        features=features,
        identity=BuildIdentity(version, "", "") if version else None,
        unmigratable=tuple(sorted(set(everything) - set(features))),
        known=known_in(props),
        values=values_in(props),
        unavailable=unavailable_in(session.listed),
        aliases=aliases_in(session.listed),
        machines=session.machines,
    )


def _sessions(objects: Iterator[Mapping[str, Any]]) -> Iterator[_Session]:
    """The replies, split where a new QEMU starts to answer."""
    session = _Session([])
    for each in objects:
        if each.get("execute") == "qmp_capabilities" and (session.expansions or session.listed):
            yield session
            session = _Session([])
        if "return" in each:
            _take(session, each["return"])
    yield session


def _take(session: _Session, answer: Any) -> None:
    match answer:
        case {"model": {"props": dict(props)}}:
            session.expansions.append(props)
        case {"qemu": {"major": major, "minor": minor, "micro": micro}}:
            session.version = f"{major}.{minor}.{micro}"
        case [{"typename": str()}, *_] if _are_named(answer):
            session.listed = answer
        case [{"cpu-max": int()}, *_] if _are_named(answer):
            session.machines = tuple(sorted(each["name"] for each in answer))


def _are_named(answer: list[Any]) -> bool:
    return all(isinstance(each, dict) and isinstance(each.get("name"), str) for each in answer)


def _objects(data: bytes, name: str) -> Iterator[Mapping[str, Any]]:
    """The JSON objects of the file. Errors: FileFormatError with the offset."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise FileFormatError(f"{name} is not UTF-8 text: byte {error.start}") from error
    decoder, at = json.JSONDecoder(), 0
    for _ in range(_MOST_OBJECTS):
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return
        try:
            found, at = decoder.raw_decode(text, at)
        except UNDECODABLE as error:
            raise FileFormatError(
                f"{name} is not a sequence of JSON objects: {error}", "was it cut short?"
            ) from error
        if isinstance(found, dict):
            yield found
    raise FileFormatError(f"{name} holds more than {_MOST_OBJECTS} JSON objects")
