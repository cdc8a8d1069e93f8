"""The lists: rings that were raised, and groups that were not."""
