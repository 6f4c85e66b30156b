"""Articles, and comparisons of treatments. They are loaded from files.

`publishing` publishes a revision of an article, and `queries` reads lists and the tables of comparisons.
"""
