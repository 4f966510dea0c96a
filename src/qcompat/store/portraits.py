"""Portraits that outlive the builds they were taken of: those of a guest's lineage.

Kept as portrait files, by the digest of their bytes; equal portraits are kept once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy import Column, Engine, LargeBinary, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from qcompat.portrait.file import pack, unpack
from qcompat.portrait.portrait import Portrait
from qcompat.store.transaction import metadata, reading, writing

portraits = Table(
    "portraits",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)


def keep(engine: Engine, portrait: Portrait) -> str:
    """Store a portrait and return its digest."""
    content = pack(portrait)
    digest = hashlib.sha256(content).hexdigest()
    row = {"digest": digest, "content": content}
    with writing(engine) as connection:
        connection.execute(_insert(engine).values(row).on_conflict_do_nothing())
    return digest


def _insert(engine: Engine) -> sqlite.Insert | postgresql.Insert:
    """Both databases know the clause, each with a construct of its own."""
    is_sqlite = engine.dialect.name == "sqlite"
    return sqlite.insert(portraits) if is_sqlite else postgresql.insert(portraits)


def kept(engine: Engine, digests: Iterable[str]) -> Mapping[str, Portrait]:
    """The stored portraits among those asked for. Errors: FileFormatError for a damaged one."""
    wanted = sorted({digest for digest in digests if digest})
    with reading(engine) as connection:
        found = select(portraits).where(portraits.c.digest.in_(wanted))
        rows = connection.execute(found).all()
    return {row.digest: unpack(bytes(row.content), f"portrait {row.digest[:12]}") for row in rows}
