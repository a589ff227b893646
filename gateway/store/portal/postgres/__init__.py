"""The portal's store in a schema of its own in the hub's PostgreSQL database."""
