"""One file for each step; ``casework.tables.REVISION`` names the last."""
