"""The statements of the embedded store, each under its name."""
