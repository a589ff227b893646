"""The embedded engine: one SQLite database and a folder of blobs, in one data directory."""
