"""Text on a terminal: safe characters, columns, wrapped lines."""
