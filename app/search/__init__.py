"""Search: full-text search over everything that is public, with facets, suggestions and spelling corrections.

Packages: `query` turns what a reader typed into an engine's query, `index` defines documents and engines and keeps the
indexes up to date, `results` turns an engine's answer into a page, `whoosh` is the engine in use. `index.engine`
defines what an engine has to do, `index.registry` chooses the engine, and nothing else outside `whoosh` knows Whoosh.
"""
