"""Memory blocks: which there are, and how large."""
