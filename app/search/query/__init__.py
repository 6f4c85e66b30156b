"""Understanding a query: parsing, analysis, synonyms, spelling, suggestions."""
