"""The search engine on Whoosh. Nothing outside this package imports its modules, apart from the engine itself."""
