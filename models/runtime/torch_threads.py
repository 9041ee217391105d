"""Importing this lets torch use as many threads as the settings say. Whoever runs a network here imports it.

A new thread starts with torch's number at that time, so this must come before any worker exists.
"""

import torch

from models.settings import settings

torch.set_num_threads(settings().inference_threads)
