"""What `python -m model` can do: one module a command, and what they share."""
