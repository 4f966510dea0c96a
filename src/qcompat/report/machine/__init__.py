"""Machine types: their compat tables, properties and audits."""
