"""The numbered steps that make the database of the embedded store."""
