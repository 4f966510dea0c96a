"""How often the guest read from a configuration of Proxmox VE is that of `qm showcmd`.

    python -m tools.proxmox_pairs DIR

DIR holds pairs NAME.conf and NAME.conf.cmd, as `src/test/cfg2cmd` of Proxmox's qemu-server. The
guests of a pair are compared canonical and with stand-ins. Prints the agreement, and what differs:
that which the answer names, and that which it does not. A configuration without a line is one of
which qemu-server makes none.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from qcompat.errors import QcompatError
from qcompat.guest.given.line import guest_given
from qcompat.guest.given.proxmox.line import SHOWCMD
from qcompat.guest.given.recognise import recognise
from qcompat.guest.guest import Guest
from tools.differences import differences


class Pair(msgspec.Struct, frozen=True):
    """A pair; `differs`: empty where both make one guest, `named`: what the answer leaves open.

    `refused`: qemu-server makes no line; `error`: what qcompat says of the configuration.
    """

    name: str
    differs: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    refused: bool = False
    error: str = ""


def scored(directory: Path) -> Iterator[Pair]:
    """Each pair, by name."""
    for conf in sorted(directory.glob("*.conf")):
        yield _scored(conf, conf.with_name(f"{conf.name}.cmd"))


def _scored(conf: Path, line: Path) -> Pair:
    try:
        guest = _guest(conf)
    except QcompatError as error:
        return Pair(conf.stem, refused=not line.exists(), error=error.message)
    named = tuple(part.subject for part in guest.uncovered if SHOWCMD in part.reason)
    if not line.exists():
        return Pair(conf.stem, named=named, refused=True)
    return Pair(conf.stem, differences(guest, _guest(line)), named)


def _guest(path: Path) -> Guest:
    (given,) = recognise(path.read_bytes(), path.name)
    return guest_given(given)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the agreement and what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path)
    pairs = list(scored(parser.parse_args(arguments).pairs))
    lines = [pair for pair in pairs if not pair.refused]
    equal = [pair for pair in lines if not pair.differs and not pair.error]
    print(f"{len(equal)} of {len(lines)} pairs make the same guest")
    refused = [pair for pair in pairs if pair.refused]
    print(f"{sum(bool(pair.error) for pair in refused)} of {len(refused)} are refused by both")
    for pair in (pair for pair in pairs if pair not in equal):
        print(f"\n{pair.name}{': ' if pair.error else ''}{pair.error}")
        for each in pair.differs:
            print(f"    {each}")
        print(f"    named: {'; '.join(pair.named) or 'NOTHING'}")


if __name__ == "__main__":
    main()
