"""Putting devices into paused guests and reading their effective properties.

A machine type is told from another by what its devices say, so every device type is made under
every machine type. A guest for each would take hours: many devices share one (`pack`), and
only groups that a build refuses are taken apart (`sift`). `observe` is the verb.
"""
