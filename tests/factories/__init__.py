"""Builders: the people and things a test speaks of, created by the same domain functions as on the site.

    with transaction():
        author = a_person()
        story = a_published_story(author, title="Two years with DPCP")

Each needs an application context and, since domain functions never commit, a `transaction()`."""
