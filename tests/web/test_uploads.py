"""Which files are taken and how many bytes, by Streamlit's own store of them."""

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from components.web.uploads import Uploads


class Store:
    """Uploads with a budget of 100 bytes for a session and 250 for all."""

    def __init__(self) -> None:
        self.manager, self.ended = MemoryUploadedFileManager("/upload"), set[str]()
        self.uploads = Uploads(100, 250)
        self.uploads.watch(self.manager, lambda session: session not in self.ended)

    def choose(self, session: str, count: int = 1) -> list[str]:
        """As a widget does it: files chosen at a time."""
        return [address.file_id for address in self.manager.get_upload_urls(session, ["x.png"] * count)]

    def send(self, session: str, file: str, size: int) -> str | None:
        """In pieces; why it was refused, if it was."""
        taken, refused = 0, None
        for _ in range(0, size, 10):
            taken += 10
            if refused := self.uploads.take(session, file, 10):
                break
        else:
            self.manager.add_file(session, UploadedFileRec(file, "x.png", "image/png", bytes(size)))
        self.uploads.done(session, taken)
        return refused

    def held(self, session: str) -> set[str]:
        return set(self.manager.file_storage.get(session, {}))


def test_only_a_file_comes_in_that_the_session_asked_an_address_for() -> None:
    store = Store()
    [file] = store.choose("a")
    assert store.uploads.is_asked_for("a", file)
    assert not store.uploads.is_asked_for("a", "f1") and not store.uploads.is_asked_for("b", file)


def test_files_chosen_together_are_refused_above_the_budget_and_those_there_stay() -> None:
    store = Store()
    files = store.choose("a", 4)
    assert [store.send("a", file, 30) for file in files] == [None, None, None, "budget of the session"]
    assert store.held("a") == set(files[:3])


def test_what_was_chosen_earlier_makes_room() -> None:
    store = Store()
    [film], [other], [project] = store.choose("a"), store.choose("a"), store.choose("a")
    assert [store.send("a", file, size) for file, size in ((film, 60), (other, 30), (project, 50))] == [None] * 3
    assert store.held("a") == {other, project}, "the oldest goes, and no more than has to"


def test_what_is_on_its_way_counts_and_ends_to_count() -> None:
    store = Store()
    one, two = store.choose("a", 2)
    assert store.uploads.take("a", one, 90) is None
    assert store.uploads.take("a", two, 20) == "budget of the session"
    store.uploads.done("a", 110)
    assert store.send("a", two, 100) is None


def test_all_together_have_a_budget() -> None:
    store = Store()
    answers = [store.send(session, store.choose(session)[0], 90) for session in "abc"]
    assert answers == [None, None, "budget of all"]
    store.manager.remove_session_files("a")
    assert store.send("c", store.choose("c")[0], 90) is None


def test_a_file_that_arrives_after_its_session_has_ended_is_not_kept() -> None:
    store = Store()
    [file] = store.choose("a")
    store.ended.add("a")
    store.send("a", file, 50)
    assert not store.held("a") and store.manager._total_bytes == 0


def test_an_upload_that_never_began_leaves_nothing() -> None:
    store = Store()
    store.uploads.done("a", 0)
    assert store.send("a", store.choose("a")[0], 100) is None
