"""The process of a command: its streams, signals, event loop, and how it fails."""
