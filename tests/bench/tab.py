"""A browser tab's side of Streamlit's websocket: run the script, keep widget state, rerun fragments."""

import asyncio
import json
import time
from collections.abc import Sequence

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.bench.feed import FeedReader

COMPONENT = "streamlit_webrtc.component.webrtc_streamer"


class Tab:
    """One session. `await` its events; `lost` is set when the server goes away."""

    def __init__(self, port: int, page: str, query: str, labels: Sequence[str] = ()) -> None:
        self.page, self.query, self.labels = page, query, labels
        self.address = f"127.0.0.1:{port}"
        self.component = asyncio.Event()  # the webrtc component is on the page
        self.answered = asyncio.Event()  # `answer` holds the server's SDP
        self.finished = asyncio.Event()  # a run of the whole script came to its end
        self.lost = asyncio.Event()
        self.constraints: dict = {}  # what the page asks of the camera
        self.answer: dict = {}
        self.exceptions: list[str] = []  # messages of st.exception boxes seen
        self.on_label = lambda label: None  # called with each scene label that reaches the page
        self.on_answer = lambda lag: None  # with each answer of the feed: seconds since its frame was at the server
        self.on_bounds = lambda fps, height: None  # with what the page asks of a camera that is on
        self.runs = 0  # of the page or a part of it, on the server
        self.feed: FeedReader | None = None  # the page's own websocket, on a live page
        self.feed_token = ""
        self.session = ""  # the server's name for it, once known: with it one can come back
        self._component_id = self._page_hash = ""
        self._widgets: dict[str, str] = {}  # a widget's own key → its id
        self.all_ids: list[str] = []  # of every widget that was seen
        self._uploader = ""
        self._file_ids: asyncio.Queue[str] = asyncio.Queue()
        self._given: tuple[str, str, int] | None = None
        self._typed: dict[str, str] = {}  # texts in text areas, by key
        self._value: dict | None = None
        self._timers: dict[str, asyncio.Task] = {}  # fragment id → task that reruns it
        self._socket = self._reader = None

    async def open(self, session: str = "") -> None:
        """A new session, or back into one as the front end does it: by its name among the subprotocols."""
        back = ["no-token", session] if session else []
        self._socket = await websockets.connect(
            f"ws://{self.address}/_stcore/stream",
            subprotocols=["streamlit", *back],
            max_size=None,
            compression=None,
            open_timeout=30,
        )
        self._reader = asyncio.create_task(self._read())
        await self.rerun()

    @property
    def close_code(self) -> int | None:
        """Why the websocket was closed, if it was."""
        return self._socket.close_code

    async def close(self) -> None:
        self._stop_timers(list(self._timers))
        self._leave_feed()
        if self._reader:
            self._reader.cancel()
            await self._socket.close()

    def drop_dead(self) -> None:
        """Gone without a goodbye, as by a closed lid: the connection is reset."""
        self._stop_timers(list(self._timers))
        self._leave_feed()
        self._reader.cancel()
        self._socket.transport.abort()

    async def set_value(self, *, playing: bool, offer: dict | str = "") -> None:
        """Send the webrtc component's value, as its front end does, and rerun the page."""
        self._value = {"playing": playing, "sdpOffer": offer, "iceCandidates": {}}
        await self.rerun()

    async def press(self, key: str) -> None:
        """Press the button of that key; RuntimeError if the page has none."""
        await self.rerun(pressed=key)

    async def give(self, name: str, file_id: str, size: int) -> None:
        """Tell the page's first uploader of a file that was sent to the server under that id."""
        self._given = (name, file_id, size)
        self.finished.clear()
        await self.rerun()

    async def file_id(self, name: str = "a.png") -> str:
        """Ask for the address that a file may be sent to, as an uploader does before it sends one."""
        message = BackMsg()
        message.file_urls_request.request_id, message.file_urls_request.session_id = name, self.session
        message.file_urls_request.file_names.append(name)
        await self._socket.send(message.SerializeToString())
        return await asyncio.wait_for(self._file_ids.get(), 60)

    async def type(self, key: str, text: str) -> None:
        """Fill the text area whose key ends so; it goes along from the next rerun on."""
        full = next((known for known in self._widgets if known.endswith(key)), None)
        if full is None:
            raise RuntimeError(f"no {key} on the page, only {', '.join(self._widgets)}")
        self._typed[full] = text
        self.finished.clear()
        await self.rerun()
        await asyncio.wait_for(self.finished.wait(), 60)

    async def rerun(self, fragment: str = "", pressed: str = "") -> None:
        message = BackMsg()
        request = message.rerun_script
        request.query_string = self.query
        request.context_info.url = f"http://{self.address}/{self.page}?{self.query}"
        request.page_script_hash = self._page_hash
        if not self._page_hash:
            request.page_name = self.page
        if fragment:
            request.fragment_id, request.is_auto_rerun = fragment, True
        if self._component_id and self._value is not None:
            widget = request.widget_states.widgets.add()
            widget.id, widget.json_value = self._component_id, json.dumps(self._value)
        for key, text in self._typed.items():
            widget = request.widget_states.widgets.add()
            widget.id, widget.string_value = self._widgets[key], text
        if self._given and self._uploader:
            name, file_id, size = self._given
            widget = request.widget_states.widgets.add()
            widget.id = self._uploader
            info = widget.file_uploader_state_value.uploaded_file_info.add()
            info.name, info.size, info.file_id = name, size, file_id
            info.file_urls.file_id = file_id
        if pressed:
            if pressed not in self._widgets:
                raise RuntimeError(f"no {pressed} on the page, only {', '.join(self._widgets)}")
            widget = request.widget_states.widgets.add()
            widget.id, widget.trigger_value = self._widgets[pressed], True
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        try:
            async for raw in self._socket:
                message = ForwardMsg.FromString(raw)
                kind = message.WhichOneof("type")
                if kind == "delta":
                    self._look_for_label(raw)
                    if message.delta.WhichOneof("type") == "new_element":
                        self._read_element(message.delta.new_element)
                elif kind == "navigation":  # new_session's hash is the main script's
                    self._page_hash = message.navigation.page_script_hash
                elif kind == "new_session":
                    self.runs += 1
                    self.session = message.new_session.initialize.session_id or self.session
                    if message.metadata.run.fragment_ids:
                        continue
                    self._stop_timers(list(self._timers))
                elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self.finished.set()
                elif kind == "file_urls_response":
                    for address in message.file_urls_response.file_urls:
                        self._file_ids.put_nowait(address.file_id)
                elif kind == "auto_rerun":
                    self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                elif kind == "stop_auto_rerun":
                    self._stop_timers(message.stop_auto_rerun.fragment_ids)
        except websockets.ConnectionClosed:
            pass
        self.lost.set()

    def _look_for_label(self, raw: bytes) -> None:
        """The first scene label in an element is the best answer: pages put it before the runners-up."""
        text = raw.lower()
        seen = {position: label for label in self.labels if (position := text.find(label.encode())) >= 0}
        if seen:
            self.on_label(seen[min(seen)])

    def _read_element(self, element) -> None:
        kind = element.WhichOneof("type")
        identity = getattr(getattr(element, kind), "id", "")
        if isinstance(identity, str) and identity:
            self.all_ids.append(identity)
        if kind == "file_uploader" and not self._uploader:
            self._uploader = element.file_uploader.id
        if kind in ("button", "text_area"):  # the id ends with the key that the page gave
            identity = getattr(element, kind).id
            self._widgets[identity.split("-", 2)[-1]] = identity
        if kind == "bidi_component" and element.bidi_component.component_name.endswith("limelight_live"):
            self._follow(json.loads(element.bidi_component.json)["token"])
        if kind == "bidi_component" and element.bidi_component.component_name.endswith("limelight_preview"):
            asked = json.loads(element.bidi_component.json)
            self.on_bounds(asked["fps"], asked["height"])
        if kind == "exception":
            self.exceptions.append(element.exception.message)
        elif kind == "component_instance" and element.component_instance.component_name == COMPONENT:
            arguments = json.loads(element.component_instance.json_args)
            self._component_id = element.component_instance.id
            self.constraints = arguments.get("media_stream_constraints") or {}
            self.component.set()
            if arguments.get("sdp_answer_json") and not self.answered.is_set():
                self.answer = json.loads(arguments["sdp_answer_json"])
                self.answered.set()

    def _follow(self, token: str) -> None:
        if token == self.feed_token:
            return
        self._leave_feed()
        self.feed_token = token
        self.feed = FeedReader(f"ws://{self.address}/live/{token}", self._read_answer)

    def _leave_feed(self) -> None:
        if self.feed is not None:
            self.feed.close()

    def _read_answer(self, message: str | bytes) -> None:
        raw = message.encode() if isinstance(message, str) else message
        self._look_for_label(raw)
        if isinstance(message, str):  # the server runs on this machine, whose clock is ours
            self.on_answer(time.monotonic() - json.loads(message)["at"] / 1000)

    def _start_timer(self, fragment: str, interval: float) -> None:
        async def repeat() -> None:
            while not self.lost.is_set():
                await asyncio.sleep(interval)
                await self.rerun(fragment)

        self._stop_timers([fragment])
        self._timers[fragment] = asyncio.create_task(repeat())

    def _stop_timers(self, fragments) -> None:
        for fragment in fragments:
            if fragment in self._timers:
                self._timers.pop(fragment).cancel()
