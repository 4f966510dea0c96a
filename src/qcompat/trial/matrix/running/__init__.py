"""What a matrix runs: QEMUs here or on other machines, portraits, the record of a run."""
