"""The writer (작가 AI): PyTorch and the standard library; knows nothing of webapp, Flask or SQL.

Importing this package, `model.text` or `model.config` does not import torch. It does ask OpenMP, before
torch can start it, to let waiting threads sleep: threads that spin instead make learning twenty times
slower as soon as another process wants one of the cores.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
