"""Moderation: one queue of everything that waits, and decisions that are kept for ever.

Doors: `queue` (what waits), `decisions` (approve, ask for changes, reject, hide, restore), `reports`, `reasons`,
`policy`, `models`.
"""
