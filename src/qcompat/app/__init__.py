"""The use cases: a typed question in, a typed answer out. No terminal, no exit codes."""
