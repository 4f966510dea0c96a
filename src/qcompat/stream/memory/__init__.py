"""Guest memory in a stream: reading its records, counting pages, getting a block out."""
