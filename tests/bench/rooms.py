"""Kill −9 in the middle of a room: what was acknowledged is there afterwards, and clients come back by themselves.

A real browser records with a fake camera and shares with the room, while writers in a process of their own put samples
into the same room. Again and again the server is killed without a goodbye and started anew on the same port; each time
what the page and the writers had been told is in the room is looked for in the database. One JSON line per figure, for
SQLite and for a PostgreSQL of the bench's own.
"""

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from models.rooms.records import Room
from models.rooms.store import RoomStore
from tests.bench import REPO
from tests.bench.database import postgres, postgres_programs
from tests.bench.limits import judged, show
from tests.bench.server import Server, free_port
from tests.bench.target import TARGETS
from tests.browser import lab

BACK_S = 60
CONNECTION = "[data-test-connection-state]"
CONNECTED = '[data-test-connection-state="CONNECTED"]'
IN_ROOM = re.compile(r"[\d,]+ samples? of yours (is|are) in the room")
WRITER = """
import sys, time
from models.rooms.store import RoomStore
from tests.models.rooms.test_store import samples
store = RoomStore(sys.argv[1], 36000)
member = store.join(sys.argv[2], "e" * 64, "Writer")
for number in range(100_000):
    for key in store.add(member, samples(1, first=number % 500, label=f"Cup {number // 500}")):
        print(key, flush=True)
    time.sleep(0.05)
"""


def told(page: Page) -> int:
    """How many of its samples the page says are in the room."""
    return int(page.get_by_text(IN_ROOM).inner_text().split()[0].replace(",", ""))


def start(server: Server) -> Server:
    server.__enter__()
    return server


def collect(url: str, name: str, kills: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder, port = Path(temporary), free_port()
        store = RoomStore(url, 36000)
        room: Room = store.open()
        environment = {
            "LIMELIGHT_ROOMS_HOURS": "10",
            "LIMELIGHT_ROOMS_URL": url,
            "LIMELIGHT_PROJECT_FOLDER": str(folder / "projects"),
        }
        server = start(Server(TARGETS["app"], environment, port))
        command = [sys.executable, "-c", WRITER, url, room.code]
        writer = subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True)
        browser = lab.launch(playwright, lab.make_camera(folder / "camera.y4m"))
        page = browser.new_page(viewport={"width": 1280, "height": 1200})
        page.set_default_timeout(60_000)
        page.goto(f"http://127.0.0.1:{port}/teachable?room={room.code}")
        lost, back, back_again = 0, [], 0
        page.get_by_role("button", name="Join and share my samples").click()
        for number in range(kills + 1):
            if number:
                page.reload()  # the camera has to be started by hand again
                page.get_by_text(IN_ROOM).wait_for()
                page.wait_for_timeout(3000)
            lab.start_camera(page)
            page.locator(".stButton button").filter(has_text=re.compile("Record$")).first.click()
            time.sleep(seconds)
            acknowledged = told(page)
            server.signal(signal.SIGKILL)
            server.wait(20)
            page.locator(f"{CONNECTION}:not({CONNECTED})").wait_for()
            members = {share.member.name or share.member.number: share.count for share in store.shares(room)}
            mine = sum(count for member, count in members.items() if member != "Writer")
            lost += max(0, acknowledged - mine)
            server.__exit__()
            server = start(Server(TARGETS["app"], environment, port))
            began = time.monotonic()
            page.locator(CONNECTED).wait_for()
            page.get_by_text(IN_ROOM).wait_for()
            while told(page) < acknowledged and time.monotonic() - began < BACK_S:
                time.sleep(0.2)
            back_again += told(page) >= acknowledged
            back.append(time.monotonic() - began)
        writer.kill()
        writer.wait()
        heard = {line.strip() for line in writer.stdout if line.endswith("\n")}
        rows = store.shares(room)
        doubles = sum(share.count for share in rows) - sum(len(store.keys(share.member)) for share in rows)
        kept = next(store.keys(share.member) for share in store.shares(room) if share.member.name == "Writer")
        about = {"database": name, "kills": kills + 1}
        about["samples_of_the_page"] = acknowledged
        show(judged("rooms", "acknowledged to the page and lost", lost, "samples", at_most=0, **about))
        about["samples_of_writers"] = len(heard)
        show(judged("rooms", "acknowledged to writers and lost", len(heard - kept), "samples", at_most=0, **about))
        show(judged("rooms", "kept twice", doubles, "samples", at_most=0, **about))
        slowest = round(max(back), 1)
        show(judged("rooms", "pages back by themselves", back_again, "", at_least=kills + 1, slowest_s=slowest))
        browser.close()
        server.__exit__()
        store.close()


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=12, help="of collecting before each")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        collect(f"sqlite:///{folder}/rooms.sqlite", "SQLite", options.kills - 1, options.seconds)
        if postgres_programs() is not None:
            with postgres(Path(folder)) as url:
                collect(url, "PostgreSQL", options.kills - 1, options.seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
