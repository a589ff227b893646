"""The portal's store in a file of its own beside the hub's, by SQLite."""
