"""Who acts together beyond chance and beyond honest reasons: rings with evidence."""
