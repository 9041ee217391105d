"""Makes `import torchvision` work beside a CPU build of torch.

torchvision's wheel is a CUDA build: its C++ operators don't load without CUDA, and the import stops with "operator
torchvision::nms does not exist", because it attaches shape rules to two operators that were never declared. Declaring
their schemas is all it takes. Where the operators are present this module only imports torchvision.

Take torchvision from here (`from models.runtime.torchvision_ops import torchvision`): a sorter may turn two lines of
imports round. Import this before transformers too, which imports torchvision.
"""

import sys

import torch

try:
    import torchvision
except RuntimeError as error:
    if "torchvision::nms" not in str(error):
        raise
    # kept for the life of the process: the declarations go with the object
    _DECLARED = torch.library.Library("torchvision", "DEF")
    _DECLARED.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _DECLARED.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    for module in [name for name in list(sys.modules) if name.split(".")[0] == "torchvision"]:
        del sys.modules[module]  # the half-imported package
    import torchvision

__all__ = ["torchvision"]
