"""Files that are no files, wherever a command takes one: `python -m tools.attack.special`."""
