"""What the verbs of the portal's store do inside a transaction, once for all engines."""
