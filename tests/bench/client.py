"""N headless clients in one process: Streamlit's websocket for signalling, aiortc for media, a fake camera.

Prints JSON lines: {"event": "playing", …} when every client plays or has failed, then, after `--settle` and
`--seconds`, {"event": "done", …} with what was measured between. `glass_ms` is from a frame leaving the
camera to its return, decoded, on the first client (without a browser's own capture, encoding and display).
`label_ms` is from the first frame of a scene leaving the camera to its label arriving for the page; a film of one
scene has none, and `labels_per_s`, of the client that got fewest, says whether she is found.
Cameras send what the page asks for, and less or smaller pictures as soon as it asks for that, as browsers do.
`page_runs_per_s`: how often a client's page, or a part of it, ran on the server, on average and of the one with most.
`answer_ms` is from a frame's arrival at the server to its answer at the client, by the page's own websocket; null for a
page without one.
"""

import argparse
import asyncio
import json
import resource
import sys
import time
from collections.abc import Sequence

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.bench.camera import FILMS, HEIGHT, SCENE_FRAMES, Camera, packets
from tests.bench.figures import percentiles_ms, quarters_ms
from tests.bench.loopback import only_loopback
from tests.bench.screen import Screen, attach, behave_like_a_browser
from tests.bench.tab import Tab

CONNECT_SECONDS = 30
STAGGER_SECONDS = 0.6  # between two clients' arrivals: faster ones are put in line


class LabelClock:
    """Times each scene's label from its first frame's departure to the label's first arrival."""

    def __init__(self, camera: Camera, labels: Sequence[str]) -> None:
        self.camera, self.labels = camera, labels
        self.seen: list[float] = []  # when any label arrived, again or not
        self.arrivals: list[tuple[float, float]] = []  # (arrival, lag in seconds), time.monotonic()
        self._scene: int | None = None  # counted from the camera's start, not modulo the scenes

    def __call__(self, label: str) -> None:
        self.seen.append(time.monotonic())
        index = self.labels.index(label)
        started = -(-len(self.camera.sent) // SCENE_FRAMES)
        if self._scene is None:  # the newest scene of that name; its start was not seen, so no figure
            known = [scene for scene in range(started) if scene % len(self.labels) == index]
            self._scene = known[-1] if known else None
            return
        scene = self._scene + (index - self._scene) % len(self.labels)
        if scene == self._scene or scene >= started:
            return
        now = time.monotonic()
        self.arrivals.append((now, now - self.camera.sent[scene * SCENE_FRAMES]))
        self._scene = scene


class Client:
    """One tab with a camera. `error` says why it failed or was cut off, None while all is well."""

    def __init__(self, options: argparse.Namespace, encoded: list[bytes], small: list[bytes], probe: bool) -> None:
        self.options, self.start_s, self.error = options, None, None
        labels = FILMS[options.film].labels
        self.tab = Tab(options.port, options.page, options.query, labels)
        self.camera = Camera(encoded, options.fps, small)
        self.tab.on_bounds = self._keep_bounds
        self.screen = Screen(self.camera, decode=probe)
        self.answers: list[tuple[float, float]] = []  # (arrival, lag in seconds), time.monotonic()
        self.tab.on_answer = lambda lag: self.answers.append((time.monotonic(), lag))
        self.tab.on_label = self.labels = LabelClock(self.camera, labels)
        self._most_fps = float(options.fps)
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._connected, self._cut_off = asyncio.Event(), asyncio.Event()

    async def play(self) -> None:
        """Open the page and press START; returns when media is connected or sets `error`."""
        try:
            await self.tab.open()
            async with asyncio.timeout(self.options.startup):
                await self.tab.component.wait()
            await self._connect()
        except Exception as error:
            self.error = f"{type(error).__name__} {error} {self.tab.exceptions}".strip()

    async def _connect(self) -> None:
        began = time.monotonic()
        self._obey_constraints()
        direction = "sendrecv" if self.options.mode == "send-and-return" else "sendonly"
        self.peer.addTransceiver(self.camera, direction=direction)
        self.peer.on("track", lambda track: attach(track, self.screen))
        self.peer.on("connectionstatechange", self._on_state)
        await self.tab.set_value(playing=False)
        await self.peer.setLocalDescription(await self.peer.createOffer())
        offer = {"sdp": self.peer.localDescription.sdp, "type": "offer"}
        await self.tab.set_value(playing=False, offer=offer)
        async with asyncio.timeout(CONNECT_SECONDS):
            await self.tab.answered.wait()
            await self.peer.setRemoteDescription(RTCSessionDescription(**self.tab.answer))
            await self._connected.wait()
        await self.tab.set_value(playing=True)
        self.start_s = time.monotonic() - began

    def _obey_constraints(self) -> None:
        """Send no faster than the page asks of the camera, as a browser would."""
        video = self.tab.constraints.get("video")
        rate = video.get("frameRate") if isinstance(video, dict) else None
        limit = rate.get("max") if isinstance(rate, dict) else rate
        self.camera.fps = self._most_fps = min(self.options.fps, limit or self.options.fps)

    def _keep_bounds(self, fps: float, height: int) -> None:
        """As assets/preview does while the camera is on."""
        self.camera.fps = min(fps, self._most_fps)
        self.camera.is_small = height <= HEIGHT // 2

    def _on_state(self) -> None:
        if self.peer.connectionState == "connected":
            self._connected.set()
        elif self.peer.connectionState in ("failed", "closed"):
            self._cut_off.set()

    async def watch(self, seconds: float) -> None:
        """Wait, noting a lost connection."""
        lost = [asyncio.create_task(event.wait()) for event in (self._cut_off, self.tab.lost)]
        done, pending = await asyncio.wait(lost, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if done and not self.error:
            self.error = "video connection lost" if self._cut_off.is_set() else "websocket lost"
        for task in pending:
            task.cancel()

    async def leave(self) -> None:
        if self.start_s is not None and not self.tab.lost.is_set():
            await self.tab.set_value(playing=False)
            await asyncio.sleep(0.3)
        await self.peer.close()
        await self.tab.close()


async def run(options: argparse.Namespace) -> None:
    encoded, small = packets(options.fps, options.film), packets(options.fps, options.film, HEIGHT // 2)
    returns = options.mode == "send-and-return"
    clients = [Client(options, encoded, small, probe=returns and index == 0) for index in range(options.n)]

    async def arrive(index: int) -> None:
        await asyncio.sleep(index * STAGGER_SECONDS)
        await clients[index].play()

    await asyncio.gather(*[arrive(index) for index in range(options.n)])
    playing = sum(client.error is None for client in clients)
    say(event="playing", playing=playing, errors=[client.error for client in clients if client.error])
    await asyncio.sleep(options.settle)
    window_began, cpu_began, begin = time.time(), cpu_seconds(), time.monotonic()
    sent_before = [len(client.camera.sent) for client in clients]
    runs_before = [client.tab.runs for client in clients]
    watched = [client.watch(options.seconds) for client in clients if not client.error]
    await asyncio.gather(asyncio.sleep(options.seconds), *watched)
    end, window_ended = time.monotonic(), time.time()
    sent = [len(client.camera.sent) - before for client, before in zip(clients, sent_before, strict=True)]
    runs = [(client.tab.runs - before) / (end - begin) for client, before in zip(clients, runs_before, strict=True)]
    say(
        event="done",
        page_runs_per_s={"mean": round(sum(runs) / len(runs), 2), "most": round(max(runs), 2)},
        window=[window_began, window_ended],
        client_cpu_pct=round(100 * (cpu_seconds() - cpu_began) / (end - begin)),
        sent_fps=[round(count / (end - begin), 1) for count in sent],
        late_frames=sum(client.camera.late for client in clients),
        start_s=[client.start_s and round(client.start_s, 2) for client in clients],
        errors=[client.error for client in clients if client.error],
        page_exceptions=sorted({message for client in clients for message in client.tab.exceptions}),
        **returned(clients, begin, end),
        **labelled(clients, begin, end),
    )
    await asyncio.gather(*[client.leave() for client in clients], return_exceptions=True)


def returned(clients: list[Client], begin: float, end: float) -> dict:
    """Figures of the pictures that came back; null where none did."""
    rates = [sum(begin <= t <= end for t in client.screen.arrived) / (end - begin) for client in clients]
    probe = clients[0].screen
    lags = [(t, lag) for t, lag in probe.shown if begin <= t <= end]
    return {
        "returned_fps": [round(rate, 1) for rate in rates] if probe.decode else None,
        "new_picture_fps": round(len(lags) / (end - begin), 1) if probe.decode else None,
        "glass_ms": percentiles_ms([lag for _, lag in lags]),
        "glass_quarters_ms": quarters_ms(lags, begin, end),
        "returned_size": probe.size,
        "unreadable": probe.unreadable,
    }


def labelled(clients: list[Client], begin: float, end: float) -> dict:
    """Figures of the labels that reached the pages."""
    lags = [(t, lag) for client in clients for t, lag in client.labels.arrivals if begin <= t <= end]
    answers = [lag for client in clients for t, lag in client.answers if begin <= t <= end]
    fewest = min(sum(begin <= t <= end for t in client.labels.seen) for client in clients)
    return {
        "label_ms": percentiles_ms([lag for _, lag in lags]),
        "label_quarters_ms": quarters_ms(lags, begin, end),
        "label_changes": len(lags),
        "answer_ms": percentiles_ms(answers),
        "pushed_per_s": round(len(answers) / (end - begin), 1),
        "labels_per_s": round(fewest / (end - begin), 2),
    }


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def say(**event) -> None:
    print(json.dumps(event), flush=True)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int, help="of the server on 127.0.0.1")
    parser.add_argument("--page", default="", help="URL path of the page; empty for an app of one script")
    parser.add_argument("--query", default="", help="query string, without the question mark")
    parser.add_argument("--mode", choices=("send-only", "send-and-return"), default="send-only")
    parser.add_argument("--film", choices=FILMS, default="things", help="what the cameras see")
    parser.add_argument("--n", type=int, default=1, help="clients")
    parser.add_argument("--fps", type=int, default=15, help="the camera's frames per second")
    parser.add_argument("--startup", type=float, default=60, help="seconds the page may take to show up")
    parser.add_argument("--settle", type=float, default=4, help="seconds from all playing to measuring")
    parser.add_argument("--seconds", type=float, default=20, help="seconds to measure")
    options = parser.parse_args(argv)
    only_loopback()
    behave_like_a_browser()
    bound = options.startup + CONNECT_SECONDS * 2 + options.n + options.settle + options.seconds + 30

    async def bounded() -> None:
        async with asyncio.timeout(bound):
            await run(options)

    asyncio.run(bounded())


if __name__ == "__main__":
    main(sys.argv[1:])
