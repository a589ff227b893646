"""The numbered steps that make the portal's tables in PostgreSQL."""
