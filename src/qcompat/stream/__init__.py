"""The migration stream: bytes to sections, fields, RAM blocks, description.

`reader.whole.read` gives a whole stream as a value, `reader.reader.reading` its records one by one
while they are read, `fields` what a section holds with decoded values. Nothing is imported here:
who only names registers, or holds a stream as a value, does not pay for the readers.
"""
