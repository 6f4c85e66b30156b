"""Search results: filters, snippets, the items shown, story lists."""
