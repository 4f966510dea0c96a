"""The search for the smallest set of settings that repairs a guest's way to a target."""
