"""The engine on PostgreSQL: rows, and ciphertext of any size, in one schema of a database that hubs may share."""
