"""What the portal keeps: people, sessions, logins, wrapped keys, signed documents; an engine each behind it."""
