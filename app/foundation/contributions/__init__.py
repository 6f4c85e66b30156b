"""Contributions, their revisions, drafts and erasure: what holds for every kind of contribution."""
