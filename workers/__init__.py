"""What runs beside the web: the worker (`python -m workers`) and the relay clock (`python -m workers.clock`).

Nobody imports this: jobs are enqueued by dotted name.
"""
