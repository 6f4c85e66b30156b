"""Reports by readers that a contribution breaks a guideline."""
