"""What is indexed and kept up to date, independent of the search engine."""
