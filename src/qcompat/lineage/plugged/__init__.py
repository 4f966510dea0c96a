"""What came and went since a guest's start, written into its command line."""
