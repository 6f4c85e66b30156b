"""Screening of submitted texts: signals that a moderator should look at."""
