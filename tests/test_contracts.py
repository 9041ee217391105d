"""The borders of the house: each of these fails when one is crossed."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

from models.catalog import CATALOG
from models.demos import DEMOS

ROOT = Path(__file__).parent.parent
MODELS, COMPONENTS, PAGES = (sorted((ROOT / folder).rglob("*.py")) for folder in ("models", "components", "pages"))
PRODUCT = [ROOT / "app.py", ROOT / "server.py", *MODELS, *COMPONENTS, *PAGES]
WITH_SCRIPTS = [*PRODUCT, *sorted((ROOT / "scripts").glob("*.py"))]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), name(path))


@cache
def imported_modules(path: Path) -> frozenset[str]:
    """What a file imports, wherever in it, as full names: of `from models.ocr import codes` models.ocr and
    models.ocr.codes."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def imports(path: Path) -> set[str]:
    """The top packages a file imports."""
    return {module.split(".")[0] for module in imported_modules(path)}


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240)


def test_there_is_something_to_check() -> None:
    assert len(MODELS) > 5 and len(COMPONENTS) > 3 and len(PAGES) > len(DEMOS)


def test_models_works_without_streamlit_from_a_plain_python() -> None:
    modules = [name(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__") for path in MODELS]
    ended = run(
        "import sys, importlib\n"
        "class Border:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('streamlit', 'streamlit_webrtc', 'components'):\n"
        "            raise ImportError(f'models/ imports {name}')\n"
        "sys.meta_path.insert(0, Border())\n"
        f"for module in {modules!r}:\n"
        "    importlib.import_module(module)\n"
        "from models.cache import ModelCache\n"
        "from models.pictures.images import sample_pictures\n"
        "scores = ModelCache(10**9).get('efficientnet-lite0').predict(sample_pictures()[0].load())\n"
        "print(scores.top(1)[0][0])\n"
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == "tiger cat"


def test_models_never_names_streamlit_or_components_in_an_import() -> None:
    for path in MODELS:
        assert not {"streamlit", "streamlit_webrtc", "components"} & imports(path), name(path)


def test_only_the_camera_imports_streamlit_webrtc() -> None:
    importers = {name(path) for path in PRODUCT if "streamlit_webrtc" in imports(path)}
    assert importers == {"components/camera/stream.py"}


def test_only_the_camera_and_the_video_files_import_av() -> None:
    # aiortc brings PyAV for the camera: with it for files too there is one decoder library, not two
    importers = {name(path) for path in PRODUCT if "av" in imports(path)}
    of_camera = {"components/camera/stream.py", "components/camera/bounds.py"}
    assert importers == of_camera | {
        "models/pictures/video.py",
        "models/pictures/video_sample.py",
        "models/pictures/video_source.py",
    }


def test_torchvision_is_taken_where_it_is_made_importable() -> None:
    importers = {name(path) for path in PRODUCT if "torchvision" in imports(path)}
    assert importers == {"models/runtime/torchvision_ops.py"}


def test_only_loading_keeps_resources() -> None:
    users = {name(path) for path in PRODUCT if "cache_resource" in path.read_text(encoding="utf-8")}
    assert users == {"components/loading.py"}


def test_only_sharing_binds_widgets_to_the_address() -> None:
    users = {name(path) for path in PRODUCT if '"query-params"' in path.read_text(encoding="utf-8")}
    assert users == {"components/sharing.py"}, "bound by hand, `?key=` brings the page down"


def test_a_page_is_composition() -> None:
    for page in PAGES:
        assert len(page.read_text(encoding="utf-8").splitlines()) <= 120, name(page)
        assert not [node.name for node in ast.walk(tree(page)) if isinstance(node, ast.ClassDef)], name(page)
        assert not {"cv2", "torch", "torchvision", "numpy", "PIL", "av"} & set(imports(page)), name(page)


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def unsafe(function: str, call: ast.Call) -> bool:
    """Whether it runs what it is passed, or may unpickle it."""
    arguments = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if function in ("torch.load", "load_state_dict_from_url", "torch.hub.load_state_dict_from_url"):
        return arguments.get("weights_only") != "True"
    return function in ("eval", "exec") or (function in ("np.load", "numpy.load") and "allow_pickle" in arguments)


def test_nothing_unpickles_or_runs_what_it_was_given() -> None:
    for path in WITH_SCRIPTS:
        assert not {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"} & set(imports(path)), name(path)
        lines = [call.lineno for function, call in calls(path) if unsafe(function, call)]
        assert not lines, f"{name(path)}, lines {lines}"


def test_the_first_page_opens_without_the_heavy_libraries() -> None:
    ended = run(
        "import sys\n"
        "from streamlit.testing.v1 import AppTest\n"
        "at = AppTest.from_file('app.py', default_timeout=60).run()\n"
        "assert at.title[0].value == 'Limelight' and not at.exception\n"
        "heavy = ('torch', 'torchvision', 'transformers', 'mediapipe', 'cv2', 'av', 'streamlit_webrtc')\n"
        "print([module for module in heavy if module in sys.modules])\n"
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == "[]"


def has_test(path: Path) -> bool:
    return (ROOT / "tests" / path.relative_to(ROOT).with_name(f"test_{path.name}")).is_file()


def module_of(path: Path) -> str:
    return name(path).removesuffix(".py").replace("/", ".")


def test_a_file_of_models_has_its_test_file_or_is_part_of_one_that_has() -> None:
    used = {module for path in MODELS if has_test(path) for module in imported_modules(path)}
    without = [path for path in MODELS if path.name != "__init__.py" and not has_test(path)]
    assert not [name(path) for path in without if module_of(path) not in used]


def test_a_file_is_short_enough_to_be_read_at_once() -> None:
    long = [name(path) for path in WITH_SCRIPTS if len(path.read_text(encoding="utf-8").splitlines()) > 300]
    assert not long, "split it along a noun"


@pytest.mark.parametrize("top", ["models", "components", "pages", "scripts"])
def test_a_folder_shows_its_files_at_a_glance(top: str) -> None:
    for folder in (ROOT / top, *(path for path in (ROOT / top).rglob("*") if path.is_dir())):
        files = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(files) <= (8 if folder == ROOT / "models" else 20), name(folder)


@pytest.mark.parametrize("demo", DEMOS, ids=lambda demo: demo.name)
def test_a_demo_has_its_page_its_three_panels_a_drawing_and_models_that_exist(demo: object) -> None:
    assert (ROOT / demo.page).is_file()
    text = (ROOT / demo.panels).read_text(encoding="utf-8")
    _, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    titles, bodies = zip(*(section.split("\n", 1) for section in sections), strict=True)
    assert titles == ("What you see", "How it works", "Try this")
    assert all(len(body.strip()) > 100 for body in bodies)
    assert set(demo.models) <= set(CATALOG)
    assert all(CATALOG[name].bundled for name in demo.models[:1]), "the default works without a network"
    drawing = (ROOT / demo.picture).read_text(encoding="utf-8")
    assert "viewBox" in ElementTree.fromstring(drawing).attrib and len(drawing) < 12_000


# Not demos: what hosts and presenters need beside them
NOT_IN_THE_MENU = {"pages/home.py", "pages/console.py", "pages/connection.py", "pages/projector.py"}


def test_every_page_is_in_the_table_or_named_here() -> None:
    assert {name(page) for page in PAGES} == {*NOT_IN_THE_MENU, *(demo.page for demo in DEMOS)}


def test_every_model_is_used_by_a_demo() -> None:
    assert {model for demo in DEMOS for model in demo.models} == set(CATALOG)


DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """What `#…` may name in it: its headings as GitHub writes them in an address."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_document_links_to_files_and_headings_that_exist(document: Path) -> None:
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        file, _, anchor = link.partition("#")
        target = document.parent / file if file else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_readme_leads_to_every_document() -> None:
    linked = set(re.findall(r"\]\(([^)#]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {name(document) for document in DOCUMENTS} - {"README.md"} <= linked
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 110


def test_the_folders_that_the_architecture_names_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree_of_folders = text.partition("## Folders\n\n```\n")[2].partition("```")[0]
    path: list[str] = []
    for indent, entry in re.findall(r"^( *)(\S+)", tree_of_folders, re.MULTILINE):
        path = [*path[: len(indent) // 2], entry]
        assert (ROOT / "/".join(path)).exists(), path
    assert len(tree_of_folders.splitlines()) > 20


def test_the_borders_that_the_guide_names_have_their_test() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Borders")[2].partition("\n## ")[0]
    named_tests = re.findall(r"\| `(\w+)` \|$", text, re.MULTILINE)
    assert len(named_tests) > 8 and not [name for name in named_tests if f"test_{name}" not in globals()]


def test_the_newest_version_of_the_changelog_is_the_one_of_pyproject() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    versions = re.findall(r"^## \[(\d\S*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert versions[0] == version
    assert not [name(path) for path in PRODUCT if f'"{version}"' in path.read_text(encoding="utf-8")], "one source"


def test_the_tests_that_the_table_of_threats_names_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 5 and all(len(row) == 3 for row in rows)
    for threat, _, tests in rows:
        files = re.findall(r"`(tests/[^`]+)`", tests)
        assert files and all((ROOT / file).is_file() for file in files), threat


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: nothing says which files belong to it")
    return [path for line in listed.stdout.split("\0") if line and (path := ROOT / line).is_file()]


# In parts, so that this file does not name them itself. Index addresses are the host's business: pip's settings.
OF_ONE_MACHINE = re.compile(
    "|".join(
        (
            r"(?<![\w.~/-])/wo" + r"rk/",
            r"(?<![\w.~/-])/ro" + r"ot/",
            r"(?<![\w.~/-])/ho" + r"me/\w",
            r"(?<![\w.~/-])/Us" + r"ers/\w",
            r"^\s*--(extra-)?index" + r"-url",
            r"^\s*--trusted" + r"-host",
            r"arti" + r"factory",
            r"code" + r"artifact",
            r"https?://(?!127\.0\.0\.1)[^\s/]+/(\S+/)?sim" + r"ple\b",
        )
    ),
    re.MULTILINE | re.IGNORECASE,
)


def test_no_tracked_file_names_a_path_or_a_package_index_of_one_machine() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        found += [f"{name(path)}: {match.group().strip()}" for match in OF_ONE_MACHINE.finditer(text)]
    assert not found


def public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def test_whatever_is_public_says_what_it_is() -> None:
    assert all(ast.get_docstring(tree(path)) for path in PRODUCT)
    undocumented = [
        f"{name(path)}: {node.name}"
        for path in PRODUCT
        for node in public(tree(path).body)
        if not ast.get_docstring(node) and not {"overload", "override"} & {ast.unparse(d) for d in node.decorator_list}
    ]
    # these two override what pydantic and torch document
    assert not [one for one in undocumented if not one.endswith((": settings_customise_sources", ": forward"))]


OF_THE_PRESENTER = [
    *(path for path in sorted((ROOT / "components" / "console").glob("*.py")) if path.name != "access.py"),
    ROOT / "components" / "rooms" / "presenting.py",
    ROOT / "components" / "rooms" / "projector.py",
]
# Given to a widget, these run before the page has asked who is there, or without it
RUN_ALONE = re.compile(r"on_\w+|data")
FOR_THE_PRESENTER = {"presenter_only", "while_signed_in"}


def unasked(module: ast.Module) -> Iterator[str]:
    """The fragments, callbacks and contents of downloads of a part of the console that do not ask at its door."""
    functions = {node.name: node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
    asking = {
        name
        for name, node in functions.items()
        if node.decorator_list and named(node.decorator_list[-1], FOR_THE_PRESENTER)
    }
    for name, node in functions.items():
        alone = any("fragment" in ast.unparse(one) or "dialog" in ast.unparse(one) for one in node.decorator_list)
        if (alone or name == "show") and name not in asking:
            yield name
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        given = [one.value for one in node.keywords if one.arg and RUN_ALONE.fullmatch(one.arg)]
        if ast.unparse(node.func).endswith("download_button"):
            given += node.args[1:2]
        for one in given:
            if isinstance(one, ast.Constant) or (isinstance(one, ast.Name) and one.id in asking):
                continue
            if not (isinstance(one, ast.Call) and named(one.func, FOR_THE_PRESENTER)):
                yield ast.unparse(one)


def named(node: ast.expr, names: set[str]) -> bool:
    return ast.unparse(node).split(".")[-1] in names


@pytest.mark.parametrize("path", OF_THE_PRESENTER, ids=name)
def test_what_is_the_presenters_asks_at_the_consoles_door(path: Path) -> None:
    assert not list(unasked(tree(path)))


@pytest.mark.parametrize(
    "code",
    [
        "@st.fragment\ndef part(): ...",
        "@presenter_only\n@st.fragment(run_every=2)\ndef part(): ...",
        "@st.dialog('Sure?')\ndef part(): ...",
        "def show(): ...",
        "st.button('Pause', on_click=lambda: pause())",
        "st.button('Pause', on_click=pause)\ndef pause(): ...",
        "st.toggle('Pause', on_change=partial(pause, True))",
        "st.download_button('All', events.as_jsonl)",
        "st.download_button('All', data=events.as_jsonl)",
    ],
)
def test_a_part_of_the_console_that_does_not_ask_is_found(code: str) -> None:
    assert list(unasked(ast.parse(code)))
