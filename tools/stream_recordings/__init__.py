"""Records the migration streams that tests read: `python -m tools.stream_recordings [NAME …]`."""
