"""What each build makes of each machine type: compat tables, defaults, effective values."""
