"""The motif console: choose a question, ask it in the background, look at what comes back."""
