"""Messages as forms: one description a message type, from which a browser draws, fills, checks and shows."""
