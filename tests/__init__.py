"""The tests; they mirror the source. `tests.databases` and `tests.clients` help those that need a database or the web."""
