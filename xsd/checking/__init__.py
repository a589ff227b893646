"""What judges: both layers of checking, the header schema, and violations as a person reads them."""
