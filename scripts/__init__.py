"""What stands around the site: setting it up, starting it and ending it.

Standard library only, save for `crew`, which runs under honcho.
"""
