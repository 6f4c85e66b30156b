"""Salve: a community publishing platform for health."""
