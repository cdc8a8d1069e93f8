"""The explorer: pages that show what a run found and let people check it."""
