"""Reports by readers."""
