"""People: who they are and how they come in.

Doors: `registration` (create an account), `sessions` (log in, log out), `models` (Person, LoginSession), `commands`.
"""
