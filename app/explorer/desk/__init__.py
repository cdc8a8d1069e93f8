"""The informant desk's place of work, and that of those who check its tips."""
