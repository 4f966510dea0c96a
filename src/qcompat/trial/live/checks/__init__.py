"""What a guest's reports say of a hop: one file a kind of check, reports in, checks out."""
