"""What stands around the site: setting it up, starting it, and ending it. Standard library only, honcho aside."""
