"""Measurements that take long or need a quiet machine; each is started by hand and prints a table."""
