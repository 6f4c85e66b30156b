"""Searching for phrases in careless writing: `spelling` reads the words of a text, `phrase_list` a file of phrases."""
