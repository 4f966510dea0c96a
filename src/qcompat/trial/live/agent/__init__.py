"""The agent in the guest: its scripts, and the host's side of the talk with it."""
