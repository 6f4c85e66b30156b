"""Builders: the people and things a test speaks of, made through the same verbs as in real life.

    with transaction():
        author = a_person()
        story = a_published_story(author, title="Two years with DPCP")

Each needs an application context and, since verbs never commit, a `transaction()`."""
