"""Decisions on contributions: making them, undoing them, redacting passages, deciding in bulk."""
