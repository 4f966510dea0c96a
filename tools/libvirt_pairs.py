"""How often the guest read from domain XML is that which libvirt's command line makes.

    python -m tools.libvirt_pairs [--architecture NAME] [DIR]

DIR is `tests` of libvirt's source (by default the one that `tools.lab` fetched). Of each pair in
its qemuxmlconfdata the guest of NAME.xml is compared with that of NAME.ARCHITECTURE-latest.args
(x86_64 where none is named), both canonical and with stand-ins. Prints the agreement, and each
kind of difference with its pairs: those whose answer names what the XML does not say, and those
where it does not.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from qcompat.errors import QcompatError
from qcompat.guest.given.domain.convert import words_of
from qcompat.guest.given.domain.document import domain_in
from qcompat.guest.given.line import guest_of
from qcompat.guest.given.recognise import recognise
from qcompat.guest.guest import Guest
from tools.differences import differences
from tools.libvirt_source import pairs_of

USUAL = "x86_64"
_SHOWN = 6
_LAYER = re.compile(r"(libvirt-\w+)-(?:format|storage)")


class Pair(msgspec.Struct, frozen=True):
    """A pair; `differs`: empty where both make one guest, `named`: what the answer leaves open."""

    name: str
    differs: tuple[str, ...]
    named: tuple[str, ...] = ()


def scored(tests: Path, architecture: str = USUAL) -> Iterator[Pair]:
    """Each pair whose command line is read."""
    suffix = f".{architecture}-latest.args"
    for args in sorted((tests / "qemuxmlconfdata").glob(f"*{suffix}")):
        try:
            wanted = guest_of(recognise(args.read_bytes(), args.name)[0].words)
        except QcompatError:
            continue  # tests of libvirt with arguments that no QEMU has
        yield _scored(tests, args.name.removesuffix(suffix), wanted, is_usual=architecture == USUAL)


def _scored(tests: Path, name: str, wanted: Guest, *, is_usual: bool) -> Pair:
    described = tuple(
        tests / "qemufirmwaredata" / place / "qemu" / "firmware" for place in ("etc", "usr/share")
    )
    try:
        data = (tests / "qemuxmlconfdata" / f"{name}.xml").read_bytes()
        words, open_ = words_of(domain_in(data), described)
        guest = guest_of(words)
    except QcompatError as error:
        return Pair(name, (f"error: {error.message}",), (error.message,))
    named = tuple(part.subject for part in open_)
    if not is_usual:
        guest, wanted = _without_layers(guest), _without_layers(wanted)
    return Pair(name, differences(guest, wanted), named)


def _without_layers(guest: Guest) -> Guest:
    """A guest whose images are named alike whether libvirt gave raw ones a second node or not.

    It does so for an older QEMU, as those are that it has the capabilities of other architectures
    of; no guest sees it.
    """
    arguments = tuple(_LAYER.sub(r"\1", each) for each in guest.arguments)
    return msgspec.structs.replace(guest, arguments=arguments)


def kind_of(pair: Pair) -> str:
    """A short name for how a pair differs: the options, and the first field of each."""
    return " | ".join(sorted({each.partition(",")[0][:60] for each in pair.differs}))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the agreement and what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tests", nargs="?", type=Path, default=pairs_of())
    parser.add_argument("--architecture", default=USUAL)
    asked = parser.parse_args(arguments)
    pairs = list(scored(asked.tests, asked.architecture))
    differing = [pair for pair in pairs if pair.differs]
    equal = len(pairs) - len(differing)
    print(f"{equal} of {len(pairs)} pairs make the same guest ({equal / max(len(pairs), 1):.1%})")
    for is_named in (True, False):
        kinds: dict[str, list[str]] = defaultdict(list)
        for pair in differing:
            if bool(pair.named) is is_named:
                kinds[kind_of(pair)].append(pair.name)
        count = sum(map(len, kinds.values()))
        print(f"\n{count} differ, {'named' if is_named else 'NOT NAMED'} in the answer")
        for kind, names in sorted(kinds.items(), key=lambda item: -len(item[1])):
            print(f"{len(names):4}  {kind}\n      {' '.join(names[:_SHOWN])}")


if __name__ == "__main__":
    main()
