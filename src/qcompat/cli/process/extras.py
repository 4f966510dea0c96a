"""Libraries that only some commands need: what is told where one is not installed.

They are the extras of `pyproject.toml`, left out of a plain installation for their size.
"""

from __future__ import annotations

EXTRAS = {
    "alembic": "database",
    "distributed": "cluster",
    "numpy": "memory",
    "psycopg": "postgres",
    "sqlalchemy": "database",
}
"""The extra that brings a library along."""


def missing_extra(missing: ModuleNotFoundError) -> tuple[str, str] | None:
    """What to say of a library that is not installed, and what installs it; None for any other."""
    library = (missing.name or "").partition(".")[0]
    if (extra := EXTRAS.get(library)) is None:
        return None
    return (
        f"this command needs the library {library}, which is not installed",
        f"install qcompat with its extra {extra}: pip install 'qcompat[{extra}]'; from a checkout: "
        f"pip install '.[{extra}]'",
    )
