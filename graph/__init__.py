"""How do they hang together: the property graph over Bolt."""
