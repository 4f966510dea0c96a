"""The sections of the stream: which there are, their versions, fields and values."""
