"""Moving a hub from the embedded store into a PostgreSQL database: all that is kept, compared, in one transaction."""
