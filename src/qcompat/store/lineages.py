"""The lineages of guests: their events, kept in order and never changed.

An event is appended with the number of those before it, so when two processes record an event of
one guest at once, the second gets an error instead of a second history.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    select,
)
from sqlalchemy.exc import IntegrityError

from qcompat.errors import UNDECODABLE, StoreError, UsageError
from qcompat.lineage.event import Event, Started
from qcompat.lineage.lineage import Lineage, after, fold
from qcompat.store.address import named
from qcompat.store.transaction import metadata, reading, writing

LONGEST_NAME = 255

guests = Table(
    "guests",
    metadata,
    Column("name", String(LONGEST_NAME), primary_key=True),
    Column("uuid", String(36), nullable=False),
    Index("guests_by_uuid", "uuid"),
)
lineage_events = Table(
    "lineage_events",
    metadata,
    Column("guest", String(LONGEST_NAME), ForeignKey("guests.name"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("at", String(32), nullable=False),
    Column("event", Text, nullable=False),
)


def names(engine: Engine) -> tuple[str, ...]:
    """The names of all guests that were ever recorded."""
    with reading(engine) as connection:
        return tuple(connection.execute(select(guests.c.name).order_by(guests.c.name)).scalars())


def named_by(engine: Engine, uuid: str) -> tuple[str, ...]:
    """The guests that were last started with that UUID."""
    with reading(engine) as connection:
        found = select(guests.c.name).where(guests.c.uuid == uuid.lower()).order_by(guests.c.name)
        return tuple(connection.execute(found).scalars()) if uuid else ()


def events(engine: Engine, name: str) -> tuple[Event, ...]:
    """What happened to a guest, in order; none where it is unknown."""
    with reading(engine) as connection:
        return _events(connection, name, engine)


def lineage(engine: Engine, name: str) -> Lineage:
    """The lineage of a guest; one without events where it is unknown."""
    return fold(name, events(engine, name))


def append(engine: Engine, before: Lineage, event: Event) -> Lineage:
    """Record one more event of the guest whose lineage is `before`; the lineage with it.

    Errors: UsageError where the event cannot happen to the guest, or where another process
    recorded an event meanwhile; then nothing is written.
    """
    grown = after(before, event)
    try:
        with writing(engine) as connection:
            _write(connection, before, event)
    except StoreError as error:
        if isinstance(error.__cause__, IntegrityError):
            raise _overtaken(before.name) from error
        raise
    return grown


def _write(connection: Connection, before: Lineage, event: Event) -> None:
    if before.length == 0:
        connection.execute(guests.insert().values(name=_checked(before.name), uuid=""))
    if isinstance(event, Started):
        mine = guests.c.name == before.name
        connection.execute(guests.update().where(mine).values(uuid=event.uuid.lower()))
    row = {
        "guest": before.name,
        "number": before.length,
        "kind": type(event).__struct_config__.tag,
        "at": event.at,
        "event": msgspec.json.encode(event).decode(),
    }
    connection.execute(lineage_events.insert().values(row))


def _events(connection: Connection, name: str, engine: Engine) -> tuple[Event, ...]:
    found = (
        select(lineage_events.c.event)
        .where(lineage_events.c.guest == name)
        .order_by(lineage_events.c.number)
    )
    try:
        return tuple(
            msgspec.json.decode(text, type=Event) for text in connection.execute(found).scalars()
        )
    except UNDECODABLE as error:
        raise StoreError(
            f"{named(engine.url)} has an event of the guest {name!r} that cannot be read: {error}",
            "it was changed by hand, or written by a newer qcompat",
        ) from error


def _checked(name: str) -> str:
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name.startswith("-"):
        raise UsageError(
            f"{name!r} cannot name a guest",
            f"use 1 to {LONGEST_NAME} printable characters, not beginning with -",
        )
    return name


def _overtaken(name: str) -> UsageError:
    return UsageError(
        f"another event of the guest {name!r} was recorded meanwhile, so this one was not",
        f"look at the guest again: qcompat guest show {name}",
    )
