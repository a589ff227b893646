"""The numbered steps that make the schema of the store on PostgreSQL."""
