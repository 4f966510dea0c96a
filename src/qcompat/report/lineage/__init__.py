"""A guest's lineage, its next move and its targets: as text, and as JSON."""
