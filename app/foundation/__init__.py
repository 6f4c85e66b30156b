"""What every other package builds on: database, events, access, contributions, text, web. It knows no feature."""
