"""The writer (작가 AI): PyTorch and the standard library; knows nothing of webapp, Flask or SQL.

Importing this package, `model.text` or `model.config` does not import torch.
"""
