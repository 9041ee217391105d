"""The threads of torch and of numpy's BLAS. `import models` sets them, so that no demo need think of it."""

import os
import sys

from models.errors import BadSettings
from models.settings import settings


def limit() -> None:
    """As many as the settings say, from now on: by the environment, which a library reads when it is imported, and by
    a call where it has been imported already.

    BLAS has one number for the whole process: to lower it for a while, as threadpoolctl offers, leaves it at one for
    good when two threads do so and overlap, since each puts back what it saw.
    """
    try:
        threads = settings().inference_threads
    except BadSettings:
        return  # whoever starts the server reads the settings next, and stops with the reason
    # MKL, left dynamic, takes no more threads than there are cores
    os.environ |= {**dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads)), "MKL_DYNAMIC": "FALSE"}
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(threads)
    if "numpy" in sys.modules:
        from threadpoolctl import threadpool_limits

        threadpool_limits(threads, user_api="blas")
