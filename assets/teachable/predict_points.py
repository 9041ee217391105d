"""Which pose is in these pictures? Run: pip install onnxruntime pillow mediapipe==0.10.21, which is the last with
mp.solutions, on Python 3.10 to 3.12; then python predict.py picture.jpg more.png"""

import sys
from pathlib import Path

import mediapipe as mp
import numpy as np
import onnxruntime
from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parent
labels = (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()
session = onnxruntime.InferenceSession(str(HERE / "model.onnx"), providers=["CPUExecutionProvider"])
body = session.get_inputs()[0].shape[0] == 33  # points; a hand has 21
solution = (mp.solutions.pose.Pose if body else mp.solutions.hands.Hands)(static_image_mode=True)
sys.stdout.reconfigure(errors="replace")  # a console that lacks a label's letters

for name in sys.argv[1:] or sys.exit(__doc__):
    picture = ImageOps.exif_transpose(Image.open(name)).convert("RGB")  # upright
    found = solution.process(np.asarray(picture))
    marks = found.pose_landmarks if body else (found.multi_hand_landmarks or [None])[0]
    print(name if marks else f"{name}: nobody is seen in it")
    if marks:
        points = [(m.x * picture.width, m.y * picture.height, m.visibility) for m in marks.landmark]
        inputs = {"keypoints": np.array(points, np.float32)}
        if not body:  # mediapipe takes the picture for a mirror's
            inputs["left"] = np.array(found.multi_handedness[0].classification[0].label == "Right")
        (probabilities,) = session.run(["probabilities"], inputs)
        for p, label in sorted(zip(probabilities, labels, strict=True), reverse=True):
            print(f"{p:9.4%}  {label}")
