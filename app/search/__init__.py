"""Search: finding what is public, in the words readers would use.

Doors: `finding` (a reader's words and filters in, a page of results out), `indexing` (keep the index true, rebuild,
verify), `commands`. `engine` says what an engine does, `whoosh_engine` is the one there is.
"""
