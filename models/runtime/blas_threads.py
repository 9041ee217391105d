"""Importing this lets numpy's BLAS use as many threads as the settings say. Whoever multiplies much imports it.

It is one number for the whole process: to lower it for a while, as threadpoolctl offers, leaves it at one for good when
two threads do so and overlap, since each puts back what it saw.
"""

import numpy  # noqa: F401  # only what is loaded can be told
from threadpoolctl import threadpool_limits

from models.settings import settings

threadpool_limits(settings().inference_threads, user_api="blas")
