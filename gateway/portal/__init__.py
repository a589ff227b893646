"""The desk users' pages: one table of routes, sessions, pages of metadata, doors for what a browser does itself."""
