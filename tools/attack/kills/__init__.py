"""Commands of qcompat are ended at random moments: `python -m tools.attack.kills`."""
