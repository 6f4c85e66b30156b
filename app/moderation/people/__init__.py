"""People as staff see them: their history, a summary of it, and staff notes."""
