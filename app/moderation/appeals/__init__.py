"""Statements of reasons, and appeals against decisions and sanctions."""
