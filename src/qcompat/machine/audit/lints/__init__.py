"""The lints: one file each, named after what it finds."""
