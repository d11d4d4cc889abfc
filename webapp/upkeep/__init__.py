"""Keeping a site well: checking its promises, taking it away, bringing it back. Reads across all domains."""
