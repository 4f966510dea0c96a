"""A guest configuration, from arguments; stand-ins for its backends."""
