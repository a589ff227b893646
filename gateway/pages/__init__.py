"""What desk users read and a browser loads, whoever serves it: the portal, or a machine of their own."""
