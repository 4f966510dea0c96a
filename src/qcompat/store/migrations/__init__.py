"""The steps from no tables to those of today, as Alembic runs them."""
