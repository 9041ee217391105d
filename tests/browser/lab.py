"""Debian's Chromium with a fake camera, driven by Playwright, against the real app. Shared by tests and screenshots."""

import base64
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.sync_api import Browser, FrameLocator, Locator, Page, Playwright, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from models.pictures.images import sample_pictures

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
STREAMER = 'iframe[title="streamlit_webrtc.component.webrtc_streamer"]'

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing leaves this machine
    "--allow-loopback-in-peer-connection",  # else Chromium has no address to offer without a network
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
)
BINARY = 2  # a websocket frame's opcode


def make_camera(path: Path, picture: str = "coffee", *, bar: bool = True) -> Path:
    """A camera that films a sample picture: two seconds of 640×480 at 30 fps, panning; with a red bar at its left edge,
    so that a test can tell which way round it is shown."""
    rgb = cv2.resize(next(s for s in sample_pictures() if s.name == picture).load(), (900, 600))
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420mpeg2\n")
        for k in range(60):
            x = 130 + round(20 * np.sin(2 * np.pi * k / 60))
            frame = rgb[60:540, x : x + 640].copy()
            if bar:
                frame[:, :24] = (255, 0, 0)
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def launch(
    playwright: Playwright, camera: Path | None, *, allow: bool | None = True, extra: Sequence[str] = ()
) -> Browser:
    """Chromium with a fake camera, or with none; the visitor allows it or blocks it, or, with None, the context's
    permissions say so. `extra` flags come last."""
    flags = list(FLAGS)
    if allow is not None:
        flags.append(f"--use-fake-ui-for-media-stream{'' if allow else '=deny'}")
    if camera is not None:
        flags += [
            "--use-fake-device-for-media-stream=fps=30,device-count=1",
            f"--use-file-for-fake-video-capture={camera}",
        ]
    # Playwright's own --headless would win over the new headless mode, the one with WebRTC as visitors have it
    return playwright.chromium.launch(
        executable_path=CHROMIUM, ignore_default_args=["--headless"], args=[*flags, *extra]
    )


def streamer(page: Page) -> FrameLocator:
    """streamlit-webrtc's frame, with its start and stop buttons."""
    return page.frame_locator(STREAMER)


def start_camera(page: Page) -> None:
    """Press start and wait until the page says that it is live."""
    streamer(page).get_by_role("button", name="Start camera").click()
    camera_state(page, "live").wait_for()


def stop_camera(page: Page) -> None:
    """Press stop and wait until the page says so."""
    streamer(page).get_by_role("button", name="Stop camera").click()
    camera_state(page, "idle").wait_for()


def camera_state(page: Page, state: str) -> Locator:
    """The line under the picture while it is in that state."""
    return page.locator(f'[role="status"][data-state="{state}"]')


def script_runs(page: Page) -> list[str]:
    """What this page asks the server to run from now on: "" for the whole page, or the fragment's name."""
    runs: list[str] = []
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")

    def note(event: dict[str, Any]) -> None:
        frame = event["response"]
        if frame["opcode"] == BINARY:  # the feed's own notes are texts
            message = BackMsg.FromString(base64.b64decode(frame["payloadData"]))
            if message.WhichOneof("type") == "rerun_script":
                runs.append(message.rerun_script.fragment_id)

    cdp.on("Network.webSocketFrameSent", note)
    return runs


def drawn_over(page: Page) -> int:
    """How many pixels are painted over the visitor's own picture. Both live in a component's shadow root."""
    return page.evaluate(
        """() => {
      const find = (root) => root.querySelector(".stage canvas") ??
        [...root.querySelectorAll("*")].map((e) => e.shadowRoot && find(e.shadowRoot)).find(Boolean);
      const canvas = find(document), { width, height } = canvas;
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
      return data.filter((value, i) => i % 4 === 3 && value > 100).length;
    }"""
    )


def wait_until_read(page: Page) -> None:
    """Until the OCR page shows a text."""
    page.locator(".reader .pane span").first.wait_for()


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def at_rest(page: Page) -> None:
    """Until the page has run, and nothing on it is from the run before."""
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def fits(page: Page) -> None:
    """The page is there whole, without an error, and no wider than the window."""
    page.get_by_text("Nothing is sent anywhere else").wait_for()  # the footer
    at_rest(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert not scrolls_sideways(page), page.url


def each_fits(page: Page, key: str, options: Sequence[str]) -> None:
    """The page with each option of a choice."""
    for option in options:
        page.locator(f".st-key-{key}").get_by_role("radio", name=option, exact=True).click()
        page.wait_for_timeout(300)  # until it runs
        fits(page)
