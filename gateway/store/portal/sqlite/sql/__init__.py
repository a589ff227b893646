"""The statements of the portal's store, each under its name."""
