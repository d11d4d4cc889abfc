"""What goes in and what comes out, one file an area; schemas for the one are never used for the other."""
