"""From differences and what the target offers to the smallest set of settings that repairs."""
