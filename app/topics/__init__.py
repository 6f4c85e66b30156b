"""Topics: conditions, treatments, effects and concepts; their pages and all their names.

`vocabulary` finds topics by any name and adds names, `lookup` finds them for the fields of forms, `pages` publishes an
overview, `relations` reads how topics are related, `requests` keeps topics that readers asked for.
"""
