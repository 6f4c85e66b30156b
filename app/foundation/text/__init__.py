"""Text that people write: cleaning, Markdown, sanitised HTML, slugs."""
