"""The moderation queue: what waits, in which order, and the page on which an item is read."""
