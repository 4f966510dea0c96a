"""The migration stream: bytes to sections, fields, RAM blocks, description."""
