"""The builds of this machine: all in a list, and what is known about one."""
