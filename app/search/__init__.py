"""Search: finding what is public, in the words readers would use.

Doors: `finding` (a reader's words and filters in, a page of results out), `suggesting` (what somebody may mean who is
still typing), `indexing` (keep the indexes true, rebuild, verify), `commands`. There are two indexes (`indexes`): of
comments, searched on request, and of everything else. `engine` says what an engine does, `whoosh_engine` is the one
there is. It stores with Whoosh (`whoosh_schema`, `whoosh_codec`, `whoosh_files`, and for a new index `whoosh_writing`
and `whoosh_building`) and finds on arrays read from that: `postings`, `segments`, `ranking`, `facets`, `ordering`, with
what words weigh in `weights`. The language of the site is a matter of `analysis`.
"""
