"""Recognition networks for the languages that the bundled one cannot read, and lines written from right to left.

The alphabet of the bundled PP-OCRv6 has the Latin letters with their accents, Chinese and Japanese. It has no letter
of the scripts below, and Greek ones only as formulas use them, without accents. Nor has it most of Vietnamese, which
none of these networks has. Detection knows no script: the same network finds the lines of all.
"""

from dataclasses import dataclass

from models.runtime.weights import WeightsFile

# The address that rapidocr 3.10 takes its files from
SITE = "https://www.modelscope.cn/models/RapidAI/RapidOCR/resolve/v3.10.0/onnx"


@dataclass(frozen=True)
class RecognitionNetwork:
    """One network for one script. `languages` in words; `key` and `sha256` as in rapidocr's table of models; `size` in
    bytes, which the table lacks: several projects pin it beside this hash (of Kannada's one does)."""

    script: str
    languages: str
    key: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """In the catalogue, such as "ppocr-east-slavic"."""
        return f"ppocr-{self.script.lower().replace(' ', '-')}"

    @property
    def version(self) -> str:
        """Such as "PP-OCRv5"."""
        return self.key.split("_")[1]

    @property
    def title(self) -> str:
        """For menus, such as "PP-OCRv5 Greek"."""
        return f"{self.version} {self.script}"

    @property
    def file(self) -> WeightsFile:
        """What to download. The alphabet is inside the file."""
        filename = f"{self.key}.onnx"
        return WeightsFile(f"{SITE}/{self.version}/rec/{filename}", self.sha256, self.size, filename)


RECOGNITION_NETWORKS = (
    RecognitionNetwork(
        "Arabic",
        "Arabic, Persian, Urdu, Pashto, Kurdish, Sindhi, Uyghur",
        "arabic_PP-OCRv5_rec_mobile",
        "c1192e632d0baa9146ae5b756a0e635e3dc63c1733737ebfd1629e87144e9295",
        8_023_828,
    ),
    RecognitionNetwork(
        "Cyrillic",
        "Bulgarian, Serbian, Macedonian, Kazakh, Kyrgyz, Tatar, Mongolian, Russian, Ukrainian and others",
        "cyrillic_PP-OCRv5_rec_mobile",
        "90f761b4bfcce0c8c561c0cb5c887b0971d3ec01c32164bdf7374a35b0982711",
        8_074_092,
    ),
    RecognitionNetwork(
        "Devanagari",
        "Hindi, Marathi, Nepali, Sanskrit",
        "devanagari_PP-OCRv5_rec_mobile",
        "d6f0a906580e3fa6b324a318718f1f31f268b6ea8ef985f91c2012a37f52c91e",
        7_940_361,
    ),
    RecognitionNetwork(
        "East Slavic",
        "Russian, Ukrainian, Belarusian",
        "eslav_PP-OCRv5_rec_mobile",
        "08705d6721849b1347d26187f15a5e362c431963a2a62bfff4feac578c489aab",
        7_911_802,
    ),
    RecognitionNetwork(
        "Greek",
        "Greek",
        "el_PP-OCRv5_rec_mobile",
        "b4368bccd557123c702b7549fee6cd1e94b581337d1c9b65310f109131542b7f",
        7_832_350,
    ),
    RecognitionNetwork(
        "Kannada",
        "Kannada",
        "ka_PP-OCRv4_rec_mobile",
        "9c1e186ea1d13cf6c853e57b42d382c3961fdd6acc2409e0d0dc44defc9f152b",
        7_681_381,
    ),
    RecognitionNetwork(
        "Korean",
        "Korean",
        "korean_PP-OCRv5_rec_mobile",
        "cd6e2ea50f6943ca7271eb8c56a877a5a90720b7047fe9c41a2e541a25773c9b",
        13_488_748,
    ),
    RecognitionNetwork(
        "Tamil",
        "Tamil",
        "ta_PP-OCRv5_rec_mobile",
        "a42448808b7dea87597336f12438935f40353f1949e8360acd9e06b4da21bfe1",
        7_909_926,
    ),
    RecognitionNetwork(
        "Telugu",
        "Telugu",
        "te_PP-OCRv5_rec_mobile",
        "a3690451b50028a09a3316a1274f7c05728151ea3f8fd392696397a7fefcbd92",
        7_923_102,
    ),
    RecognitionNetwork(
        "Thai",
        "Thai",
        "th_PP-OCRv5_rec_mobile",
        "de541dd83161c241ff426f7ecfd602a0ba77d686cf3ab9a6c255ea82fd08006e",
        7_915_294,
    ),
)

OF_CYRILLIC = ("Cyrillic", "East Slavic")


def networks_for(script: str) -> list[RecognitionNetwork]:
    """Those that read a script, as Unicode names it ("Cyrillic"); none for many."""
    names = OF_CYRILLIC if script == "Cyrillic" else (script,)
    return [network for network in RECOGNITION_NETWORKS if network.script in names]
