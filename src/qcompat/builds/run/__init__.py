"""The command line that runs a build: in a sandbox, and never longer than this process."""
