"""Options that several commands have: for the guest, for the answer, and others."""
