"""What came in, and can it be trusted: extract files become clean tables."""
