"""Articles, and comparisons of treatments. They are loaded from files.

`publishing` publishes a revision of an article, `queries` reads lists, and `comparisons` makes tables of a comparison.
"""
