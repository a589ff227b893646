"""The statements of the store on PostgreSQL, each under its name."""
