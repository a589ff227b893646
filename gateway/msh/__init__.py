"""The use cases of the message service handler: one a file, each a list of steps."""
