"""Moderation: one queue of everything that waits for a moderator, and decisions that are kept for ever.

Packages: `queue` (what waits, and the page of an item), `decisions` (approve, request changes, reject, hide, restore,
remove, redact, undo), `screening` and `rules` (signals, and the rules they follow), `reports`, `appeals` (with the
statements of reasons), `sanctions`, `people` (what the staff see of a person), `audit`, `threads`, `post_moderation`
(comments published before they are read) and `statistics`. `policy` says who may do what; `references` has the columns
by which tables point at contributions.
"""

# Every module here loops over the registry of kinds, some while they are imported: it is filled first.
import app.kinds  # noqa: F401 - imported for what it registers
