"""The statements of the portal's store in PostgreSQL, each under its name."""
