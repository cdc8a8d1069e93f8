"""The parts of the page of papers: what about, which, how, a look before, and what went out."""
