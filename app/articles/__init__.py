"""Articles, and comparisons of treatments: `publishing` publishes a version, `queries` reads lists and tables.

They are loaded from files for now.
"""
