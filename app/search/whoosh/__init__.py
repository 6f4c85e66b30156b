"""The search engine on Whoosh: `engine.WhooshEngine` implements `index.engine.Engine`.

Whoosh stores the index: `schema`, `codec`, `storage`, and `building` and `writing` for a new one. Queries are answered
by numpy arrays read from it: `postings`, `columns`, `ranking`, `facets`, put together by `reading`. Only
`index.registry` imports this package.
"""
