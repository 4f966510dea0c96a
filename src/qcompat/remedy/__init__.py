"""Settings that repair, and how they go into a guest's command line."""
