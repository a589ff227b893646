"""The numbered steps that make the portal's database."""
