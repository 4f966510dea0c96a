"""Reading the guest that a user gives in a file: `recognise` finds the form, `forms/` reads it."""
