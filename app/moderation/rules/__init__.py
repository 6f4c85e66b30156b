"""The screening rules: editing them, and trying them out in a dry run."""
