"""The builds of this machine: registry, fetching, facts of one build."""
