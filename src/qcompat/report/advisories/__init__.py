"""The known breaks of releases: as a list, a document, and records for other tools."""
