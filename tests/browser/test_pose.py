"""The pose tracker in a real browser: skeletons over one's own picture, for each visitor their own."""

import re

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from models.pictures.images import sample_pictures
from tests.browser import lab

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True}
INPUTS = ("Live", "Photo", "Upload", "Paste", "Samples", "Video")

# The share of the left and the right third of one's own picture that is drawn on
DRAWN = """(canvas) => {
  const { width, height } = canvas, third = Math.floor(width / 3), draw = canvas.getContext("2d");
  const drawn = (x) => {
    const pixels = draw.getImageData(x, 0, third, height).data;
    let n = 0;
    for (let i = 3; i < pixels.length; i += 4) n += pixels[i] > 100;
    return n / (third * height);
  };
  return {left: drawn(0), right: drawn(width - third)};
}"""


@pytest.fixture(scope="module")
def camera(tmp_path_factory):
    """Films an astronaut who sways at the left of the camera's picture, before white."""
    path = tmp_path_factory.mktemp("astronaut") / "astronaut.y4m"
    person = cv2.resize(next(s for s in sample_pictures() if s.name == "astronaut").load()[:, :360], (338, 480))
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420mpeg2\n")
        for k in range(60):
            frame = np.full((480, 640, 3), 255, np.uint8)
            x = 12 + round(12 * np.sin(2 * np.pi * k / 60))
            frame[:, x : x + person.shape[1]] = person
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def nose(page: Page) -> str:
    """The first lines of the bars: the pose as a whole, the nose."""
    return page.locator(".bar").nth(1).inner_text()


def drawn_on(page: Page) -> dict[str, float]:
    return page.locator(".stage canvas").evaluate(DRAWN)


def until_drawn(page: Page, condition: str) -> None:
    """Until `condition` holds of what is drawn on one's own picture, such as "left > 0.1"."""
    canvas = page.locator(".stage canvas").element_handle()
    page.wait_for_function(
        f"(canvas) => {{ const {{left, right}} = ({DRAWN})(canvas); return {condition}; }}", arg=canvas
    )


def test_a_person_before_the_camera_is_found_and_drawn_over_ones_own_picture(visit):
    page = visit("pose")
    lab.start_camera(page)
    expect(page.locator(".verdict")).to_have_text("1 person")
    expect(page.locator(".bar")).to_have_count(1 + 33)
    assert re.search(r"nose\s*(9\d|100)%", nose(page))
    until_drawn(page, "right > 0.003")
    assert drawn_on(page)["left"] < 0.002, "she is at the right of a mirror"
    own = page.locator(".stage video")
    expect(own).to_have_css("visibility", "visible")
    assert lab.streamer(page).locator("video").count() == 0, "no picture comes back"
    expect(page.locator(".latency").first).to_contain_text(re.compile(r"tracker \d"))
    page.locator(".st-key-mirror").get_by_text("Mirror").or_(
        page.get_by_role("button", name="Camera settings")
    ).first.click()
    page.get_by_text("Mirror my picture").click()
    until_drawn(page, "left > 0.003 && right < 0.002")


def test_only_on_black_shows_the_skeleton_alone_on_the_mirrors_side(visit):
    page = visit("pose?style=Skeleton&style=Only+on+black")
    lab.start_camera(page)
    expect(page.locator(".verdict")).to_have_text("1 person")
    until_drawn(page, "0.003 < right && right < 0.3 && left < 0.002")
    expect(page.locator(".stage video")).to_have_css("visibility", "hidden")
    shot = cv2.imdecode(np.frombuffer(page.locator(".stage").screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert (shot.max(axis=2) < 20).mean() > 0.7, "nobody's picture is seen"
    page.get_by_test_id("stButtonGroup").get_by_text("Only on black").click()
    expect(page.locator(".stage video")).to_have_css("visibility", "visible")


def test_without_a_websocket_the_page_shows_the_skeleton_on_black(visit):
    page = visit("pose")
    page.context.route_web_socket(re.compile("/live/"), lambda ws: ws.close())
    page.reload()
    lab.start_camera(page)
    expect(page.locator(".stHtml .verdict")).to_have_text("1 person")
    picture = page.get_by_test_id("stImage").locator("img").first
    expect(picture).to_be_visible()
    first = picture.get_attribute("src")
    expect(picture).not_to_have_attribute("src", first)  # the next one


def test_the_page_runs_once_a_second_or_less_while_answers_come(visit):
    sent: list[float] = []
    page = visit("pose?do+Body=Repetitions")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    cdp.on(
        "Network.webSocketFrameSent",
        lambda event: sent.append(event["timestamp"]) if event["response"]["opcode"] == 2 else None,
    )
    lab.start_camera(page)
    expect(page.locator(".live-panel .verdict")).to_contain_text("repetitions of the left elbow")
    page.wait_for_timeout(5000)
    sent.clear()
    page.wait_for_timeout(20_000)
    assert 10 <= len(sent) <= 23, "messages to Streamlit, each a run, and one in ten seconds of the camera's"


def test_repetitions_draw_their_curve_while_the_camera_runs(visit):
    page = visit("pose")
    lab.start_camera(page)
    page.get_by_test_id("stButtonGroup").get_by_text("Repetitions").click()
    expect(page.locator(".verdict")).to_contain_text("repetitions of the left elbow")
    expect(page.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(1)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_the_3d_view_stays_as_it_was_turned_when_new_data_comes(visit):
    page = visit("pose?do+Body=3-D")
    lab.start_camera(page)
    figure = page.locator(".limelight-turnable .js-plotly-plot")
    figure.locator("canvas").first.wait_for()
    look = "it => { const {x, y, z} = it._fullLayout.scene._scene.getCamera().eye; return [x, y, z]; }"
    head = "it => it._fullData[0].x.find((x) => x !== null)"
    page.wait_for_timeout(1500)
    before, box = figure.evaluate(look), figure.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(10):  # longer than from one moment's data to the next
        page.mouse.move(x + 8 * step, y)
        page.wait_for_timeout(200)
    page.mouse.up()
    turned, known = figure.evaluate(look), figure.evaluate(head)
    assert max(abs(a - b) for a, b in zip(before, turned, strict=True)) > 0.3
    page.wait_for_function(f"([it, known]) => ({head})(it) !== known", arg=[figure.element_handle(), known])
    assert figure.evaluate(look) == pytest.approx(turned, abs=0.01)


def test_what_is_cut_out_is_alone_on_ones_own_picture(visit):
    page = visit("pose?style=Boxes&background=Cut+out")
    lab.start_camera(page)
    expect(page.locator(".verdict")).to_have_text("1 person")
    until_drawn(page, "left > 0.97 && right < 0.7")  # the white wall is covered, she is not
    shot = cv2.imdecode(np.frombuffer(page.locator(".stage").screenshot(), np.uint8), cv2.IMREAD_COLOR)
    wall, her = shot[20:-20, 20 : shot.shape[1] // 3], shot[60:-20, -shot.shape[1] // 3 : -40]
    assert wall.max() < 90 and her.std() > 40


def test_a_drawn_face_does_what_the_visitors_does(visit):
    page = visit("pose?track=Face&do+Face=Expression")
    lab.start_camera(page)
    drawn = page.locator(".avatars img")
    expect(drawn).to_have_count(1)
    assert drawn.evaluate("it => it.complete && it.naturalWidth > 0 && it.clientWidth > 100")
    expect(page.locator(".bar").first).to_contain_text("smile")


def test_what_was_recorded_can_be_replayed_and_saved(visit):
    page = visit("pose")
    lab.start_camera(page)
    page.get_by_test_id("stButtonGroup").get_by_text("Record").click()
    page.locator(".st-key-record button").click()
    expect(page.locator(".verdict")).to_have_text("1 person")
    page.wait_for_timeout(1000)
    page.locator(".st-key-stop button").click()
    expect(page.get_by_text(re.compile(r"\d+ moments"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").filter(has_text="CSV").click()
    assert download.value.path().read_text().startswith("time,person,kind,point,x,y,score")
    expect(page.locator(".js-plotly-plot")).to_be_visible()


def test_nothing_scrolls_sideways_on_a_phone_whatever_is_tracked(visit):
    page = visit("pose", **PHONE)
    lab.each_fits(page, "input", INPUTS)
    lab.each_fits(page, "input", ["Samples"])
    for what in ("Hands", "Face", "All", "Body"):
        lab.each_fits(page, "track", [what])
        page.locator(".verdict").wait_for()
        assert not lab.scrolls_sideways(page)


def test_two_visitors_each_see_their_own_people(visit, playwright, tmp_path):
    empty = lab.launch(playwright, lab.make_camera(tmp_path / "coffee.y4m", "coffee"))
    one, other = visit("pose"), visit("pose", by=empty)
    lab.start_camera(one)
    lab.start_camera(other)
    for _ in range(2):
        expect(one.locator(".verdict")).to_have_text("1 person")
        expect(other.locator(".verdict")).to_have_text("No person in view")
        one.wait_for_timeout(1000)
    expect(other.locator(".bar")).to_have_count(0)
    one.get_by_test_id("stButtonGroup").get_by_text("Face").click()
    expect(one.locator(".verdict")).to_have_text("1 face")
    expect(other.locator(".verdict")).to_have_text("No person in view")
    empty.close()
