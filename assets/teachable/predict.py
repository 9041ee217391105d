"""What is in these pictures? Run: pip install onnxruntime pillow, then python predict.py picture.jpg more.png"""

import io
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageCms, ImageOps

HERE = Path(__file__).resolve().parent
labels = (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()
session = onnxruntime.InferenceSession(str(HERE / "model.onnx"), providers=["CPUExecutionProvider"])
sys.stdout.reconfigure(errors="replace")  # a console that lacks a label's letters

for name in sys.argv[1:] or sys.exit(__doc__):
    picture = ImageOps.exif_transpose(Image.open(name))  # upright
    if picture.mode == "RGB" and (profile := picture.info.get("icc_profile")):  # colours as on the web
        picture = ImageCms.profileToProfile(picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"))
    picture = picture.convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    (probabilities,) = session.run(["probabilities"], {"image": np.asarray(picture)})
    print(name)
    for p, label in sorted(zip(probabilities, labels, strict=True), reverse=True):
        print(f"{p:9.4%}  {label}")
