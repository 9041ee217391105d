"""Which pose is in these pictures? Run: pip install onnxruntime pillow mediapipe; put MediaPipe's task file beside this
one, which says where to get it; then python predict.py picture.jpg more.png"""

import hashlib
import sys
from pathlib import Path

import mediapipe as mp
import numpy as np
import onnxruntime
from PIL import Image, ImageOps

SITE = "https://storage.googleapis.com/mediapipe-models"
TASKS = {  # by the number of points: of a body, of a hand
    33: (
        f"{SITE}/pose_landmarker/pose_landmarker_full/float16/latest/pose_landmarker_full.task",
        "4eaa5eb7a98365221087693fcc286334cf0858e2eb6e15b506aa4a7ecdcec4ad",
    ),
    21: (
        f"{SITE}/hand_landmarker/hand_landmarker/float16/latest/hand_landmarker.task",
        "fbc2a30080c3c557093b5ddfc334698132eb341044ccee322ccf8bcf3607cde1",
    ),
}
HERE = Path(__file__).resolve().parent
names = sys.argv[1:] or sys.exit(__doc__)
labels = (HERE / "labels.txt").read_text(encoding="utf-8").splitlines()
session = onnxruntime.InferenceSession(str(HERE / "model.onnx"), providers=["CPUExecutionProvider"])
count = session.get_inputs()[0].shape[0]
body = count == 33
address, sha256 = TASKS[count]
file = HERE / address.rpartition("/")[2]
task = file.read_bytes() if file.exists() else sys.exit(f"{file.name} is missing: save {address} beside this script")
if hashlib.sha256(task).hexdigest() != sha256:
    sys.exit(f"{file.name} is not the file this was made with (SHA-256 {sha256}): save {address} again")

vision = mp.tasks.vision
kind, options = (
    (vision.PoseLandmarker, vision.PoseLandmarkerOptions)
    if body
    else (vision.HandLandmarker, vision.HandLandmarkerOptions)
)
sys.stdout.reconfigure(errors="replace")  # a console that lacks a label's letters
with kind.create_from_options(options(base_options=mp.tasks.BaseOptions(model_asset_buffer=task))) as landmarker:
    for name in names:
        picture = ImageOps.exif_transpose(Image.open(name)).convert("RGB")  # upright
        found = landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=np.asarray(picture)))
        marks = found.pose_landmarks if body else found.hand_landmarks
        print(name if marks else f"{name}: nobody is seen in it")
        if marks:
            points = [(m.x * picture.width, m.y * picture.height, m.visibility or 0) for m in marks[0]]
            inputs = {"keypoints": np.array(points, np.float32)}
            if not body:
                inputs["left"] = np.array(found.handedness[0][0].category_name == "Left")
            (probabilities,) = session.run(["probabilities"], inputs)
            for p, label in sorted(zip(probabilities, labels, strict=True), reverse=True):
                print(f"{p:9.4%}  {label}")
