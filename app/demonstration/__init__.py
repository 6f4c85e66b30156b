"""The demonstration site: invented people, what they wrote, and the pages they wrote it under.

<<<<<<< HEAD
`content` reads the files, `loading` loads them through the same domain functions that people use, `commands` is
`flask seed`.
=======
`commands` holds `flask seed`, `content` reads the files, and `loading` repeats their events with domain functions.
>>>>>>> d565fc4 (transfer, demonstration: docstrings and docs/importing.md in plain English)
"""
