"""Search: finding what is public, in the words readers would use.

Doors: `query` (what a reader asks, and the answer), `indexing` (keep the index true, rebuild, verify), `commands`.
`engine` says what an engine does; `whoosh_engine` is the one there is.
"""
