"""Moderation: one queue of everything that waits, and decisions that are kept for ever.

Doors: `queue` (what waits), `decisions` (approve, ask for changes, reject, hide, restore), `reports`, `reasons`,
`audit` (one line for every act of the staff), `policy`, `models`.
"""
