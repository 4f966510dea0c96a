"""The tables that outlive a command, as SQLAlchemy knows them; each table's module adds its own.

How a store comes to have them is `migrations`: a table here without a migration there, or the
other way round, fails the tests.
"""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
