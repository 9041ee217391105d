"""The table of questions that a page asks before it shows: plain data, the surprising ones first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Question:
    """One question with two to four possible `answers`, of which the one at place `right` is; `why` says so in a
    sentence or two and names the idea. `shows` are the page's settings, by key, under which it can be seen."""

    ask: str
    answers: tuple[str, ...]
    right: int
    why: str
    shows: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 2 <= len(self.answers) <= 4 or not 0 <= self.right < len(self.answers):
            raise ValueError(f"expected two to four answers, one of them right: {self}")


NEWSPAPER = "The government announced on Monday that the new railway line will open in March."


SALT_AND_PEPPER = '[["noise",{"kind":"salt and pepper"}],["denoise",{"how":"median"}]]'
SLOW_WAVES = '[["fourier",{"to":14}]]'


def _sample(demo: str, name: str) -> dict[str, Any]:
    return {"input": "Samples", f"{demo}/samples": [name]}


QUESTIONS: dict[str, tuple[Question, ...]] = {
    "classifier": (
        Question(
            "Chelsea is a cat. How sure is the network of its first answer, *tiger cat*?",
            ("99 %", "76 %", "39 %"),
            2,
            "39 %. It knows five kinds of domestic cat and shares its 100 % among them: all cats together have 92 %. "
            "A low bar need not mean that it is lost.",
            _sample("classifier", "cat"),
        ),
        Question(
            "The picture is cut into quarters, and they are swapped. Still a cat?",
            ("Yes", "No"),
            0,
            "Yes, all its cats together have 97 %. Eyes, ears and fur are enough: it hardly looks where they are.",
            _sample("classifier", "cat-2"),
        ),
        Question(
            "And in 49 pieces?",
            ("Still a cat", "Fur, or something like it", "It says that it sees nothing"),
            1,
            "Mushroom, fur coat, dough: of the pieces only their texture is left, and it has to name something.",
            _sample("classifier", "cat-7"),
        ),
        Question(
            "It is 95 % sure of this espresso. A third as large, on grey?",
            ("95 %", "About 60 %", "Another thing"),
            2,
            "A switch, an oil filter, a coffeepot, none above 6 %. In its training pictures things fill the frame.",
            _sample("classifier", "cup-small"),
        ),
    ),
    "pose": (
        Question(
            "A sheet of paper hides the face. What is found of the body?",
            ("All of it", "All but the face", "Nothing"),
            2,
            "Nothing: to find somebody it looks for a head with a body. Live, whoever was found before is kept, "
            "because then it only follows the points.",
            _sample("pose", "paper"),
        ),
        Question(
            "The portrait ends at the waist. Where are the ankles?",
            ("It gives none", "At the lower edge", "Far below the picture"),
            2,
            "930 pixels down in a picture 512 pixels high, with a score of 0: it always gives all 33 points, and "
            "guesses.",
            _sample("pose", "astronaut"),
        ),
        Question(
            "Upside down: does it find her?",
            ("Yes", "No"),
            0,
            "Yes. The detector also says how a body is turned, and the second network gets it upright.",
            _sample("pose", "down"),
        ),
    ),
    "detector": (
        Question(
            "The image classifier has learnt from pictures with a name, and never a box. Can it say where the cup is?",
            ("No", "Roughly", "To the pixel"),
            1,
            "Roughly. Asked at every place, it is sure of *cup* where the cup is. Its box covers about half of what it "
            "should, or too much: edges were never asked for.",
            {"input": "Samples", "detector/samples": ["coffee"], "detector": "detector-maps", "steps": True},
        ),
    ),
    "vision": (
        Question(
            "One pixel in ten is made black or white. Which filter brings the picture back best?",
            ("The mean", "Gauss", "The median"),
            2,
            "The median, by far: it takes the middle one of the neighbours, and a black pixel is never in the middle. "
            "The other two mix it in.",
            {"input": "Samples", "vision/samples": ["coffee"], "chain": SALT_AND_PEPPER},
        ),
        Question(
            "A picture is a sum of waves. Only the slowest 3 % of them stay. Can you tell what it shows?",
            ("No: grey mist", "Yes, only blurred"),
            1,
            "Yes. Nearly all of a picture is in its slow waves; that is how JPEG makes files small.",
            {"input": "Samples", "vision/samples": ["coffee"], "chain": SLOW_WAVES},
        ),
    ),
    "teachable": (
        Question(
            "40 pictures of one thing are dealt into two classes by chance. How many of them does it get right after "
            "training?",
            ("About half", "Three quarters", "All"),
            2,
            "All 40: it learns them by heart. On pictures that were held out it is right about half the time, like a "
            "coin. Only those count: see “Understand”, and try “Shuffle the labels”.",
        ),
        Question(
            "It knows cats and cups. You show it a printed page. What does it answer?",
            ("Nothing", "“Neither”", "Cat or cup, and quite sure"),
            2,
            "Cat or cup, often above 90 %: a head only chooses between its classes. The distance to the nearest sample "
            "is what tells: that is how “None of these” works.",
        ),
    ),
    "taught": (
        Question(
            "Three things, ten boxes of each. How much of the large network is trained on them?",
            ("All of it", "Its last block", "Nothing"),
            2,
            "Nothing. The network stays as it is; a small linear head learns on its maps, in seconds. That is transfer "
            "learning.",
        ),
    ),
    "playground": (
        Question(
            "XOR: like signs against unlike ones. How right does a network without a hidden layer get?",
            ("About half to three quarters", "90 %", "100 %"),
            0,
            "It can draw only one straight line, and no line parts four corners crosswise. One hidden layer can.",
            {"view": "Learn", "points": "XOR", "layers": 0},
        ),
        Question(
            "The same without a hidden layer, but it is given one input more: x·y. And now?",
            ("Still no better", "Nearly all right"),
            1,
            "Nearly all: the sign of x·y is the answer. A good feature does what a layer would have to learn.",
            {"view": "Learn", "points": "XOR", "layers": 0, "inputs": ["x", "y", "x·y"]},
        ),
    ),
    "digits": (
        Question(
            "Two networks with a tenth of the weights: one learns from the labels, one from what the large one says. "
            "Which is better?",
            ("The one from the labels", "The one with a teacher", "Both alike"),
            1,
            "The one with a teacher, by a little: 99.3 % against 99.2 % of the test digits, with grain 99.1 % against "
            "98.9 %. What the large one says of a 4, “a bit like a 9”, tells more than the label (Hinton et al. 2015).",
            {"view": "Shrink"},
        ),
        Question(
            "Each pixel of a digit may change by a quarter of black to white. What fools the network more often?",
            ("Noise", "The gradient", "Both alike"),
            1,
            "The gradient: 34 of 100 test digits, noise one of 400. It is not how much changes, but that every pixel "
            "pushes the same way. It has learnt on noisy digits, and that helps against noise alone.",
            {"view": "Fool", "by": 0.25},
        ),
    ),
    "ocr": (
        Question(
            "МОСКВА РЕСТОРАН, for a reader that knows Latin letters only: what does it say?",
            ("Nothing", "An unsure guess", "A sure guess"),
            2,
            "MOCKBA PECTOPAH, in Latin letters and 100 % sure: it has to name one of the letters that it knows. A "
            "score says how well a letter fits among those, not whether the script is right.",
            {"input": "Samples", "sample": "script"},
        ),
        Question(
            "Turned by 45°, by 90°, or in a mirror: which can't it read?",
            ("45°", "90°", "The mirror"),
            2,
            "The mirror. Lines are cut out and turned upright before they are read; nobody turns mirror writing round, "
            "and it has never seen any.",
            {"input": "Samples", "sample": "mirror"},
        ),
        Question(
            "“Cl0sed 0n Sunday”, written with two zeros. What does it read?",
            ("Both zeros", "One of the two", "None"),
            1,
            "“Cl0sed On Sunday”, with one zero: it has no dictionary, but it has learnt which letters like to stand "
            "together, and “On” is much more usual than “0n”.",
            {"input": "Samples", "sample": "zeros"},
        ),
    ),
    "textgen": (
        Question(
            "“My kingdom for a …” Which of the four models go on with *horse*?",
            ("The two oldest", "The two newest", "All"),
            0,
            "The two n-grams, from 1913 and 1948: they have the line by heart. The networks have only kept what is "
            "usual, and say *son* and *king*. Set the temperature to 0 and press Write.",
            {"view": "Write", "prompt": "KING RICHARD III:\nMy kingdom for a", "temperature": 0.0, "length": 100},
        ),
        Question(
            "A sentence from a newspaper: whom does it surprise least?",
            ("The word n-gram", "The LSTM", "The GPT"),
            1,
            "The LSTM, by a little. None has read a newspaper; the largest network is not the best at everything.",
            {"view": "Surprise", "surprise/text": NEWSPAPER},
        ),
    ),
}
"""By demo."""
