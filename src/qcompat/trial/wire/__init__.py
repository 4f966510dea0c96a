"""The wire between two running QEMUs: a migration that goes straight from one to the other."""
