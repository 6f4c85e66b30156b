"""The front page and the pages about the site: `pages` has their texts."""
