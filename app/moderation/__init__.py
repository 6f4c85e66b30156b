"""Moderation: one queue of everything that waits, and decisions that are kept for ever.

Doors: `queue` (what waits), `decisions` (approve, ask for changes, reject, hide, restore), `reports`, `reasons`,
`statements` (why, for whom it concerns), `appeals`, `sanctions`, `notes`, `audit` (one line for every act),
`policy`, `models` (what waits and was decided), `screening_models`, `redress_models` (sanctions, appeals, notes).
"""
