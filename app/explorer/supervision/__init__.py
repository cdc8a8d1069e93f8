"""Plans of checks, random draws, the re-check list, registers and agreements."""
