"""Closing and reopening comment threads."""
