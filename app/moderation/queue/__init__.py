"""The moderation queue: its items and their order, its filters, and the page on which an item is read."""
