"""Many guests on all ordered pairs of builds."""
