"""Screening of submitted texts, which produces signals: hints at what a moderator should look at."""
