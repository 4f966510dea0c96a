"""Putting devices into paused guests and reading their effective properties.

Machine types differ in their devices' properties, so every device type is made under every
machine type. A guest for each would take hours: many devices share one (`guest_arguments`), and
only groups that a build refuses are split (`groups`). `observe` is the verb.
"""
