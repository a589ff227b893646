"""Schemas of our own for what AS4 exchanges: the SOAP 1.2 envelope, the ebMS 3.0 header, and what receipts repeat."""
