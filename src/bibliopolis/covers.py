"""Covers, spines and posters drawn from a record's own words, so that a poor record looks well.

Pure functions: the art follows the subject, the layout the kind, the palette the work (all
editions of a work are kin), the size of the type the length of the words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2s
from typing import Any

PALETTES = (
    "river", "brick", "ochre", "moss", "plum", "night",
    "cream", "sky", "clay", "slate", "rose", "mint",
)  # fmt: skip
SIZES = (21.0, 17.0, 13.6, 11.4, 9.6, 8.2)
"""Sizes of the title in percent of the cover's width: tl-1 to tl-6."""

WIDEST_LETTER = 0.66
MEAN_LETTER = 0.5
SQUARE = 1.0
"""The width of the signs of East Asian scripts, between any two of which a line may end."""

AUTHOR_LETTERS = (24, 30, 36)
"""So many letters of an author's name stand in a line at each of its sizes: au-1 to au-3."""

SPINE_LETTER = 0.58
SPINE_LETTERS: Mapping[str, tuple[int, ...]] = {
    form: tuple(int(room / (px * SPINE_LETTER)) for px in (18.4, 16.0, 14.0))
    for form, room in (("thin", 163), ("tall", 205), ("low", 153), ("", 181))
}
"""So many letters of a title stand on a spine of a form at each of its sizes: sp-1 to sp-3."""

LINE = 1.08

ART: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("blocks",), ("детск", "детям", "сказк", "азбук", "игр", "child", "juvenile", "fairy",
                   "nursery", "game", "school", "школ", "bolalar", "балалар", "kinder", "märchen",
                   "contes", "jeunesse", "barn", "çocuk", "أطفال", "حكايات")),
    (("rays",), ("театр", "кино", "драматург", "опер", "балет", "цирк", "theat", "drama",
                 "film", "cinema", "opera", "ballet", "مسرح", "سينما")),
    (("notes",), ("музык", "ноты", "песн", "композитор", "music", "song", "composer", "موسيق")),
    (("bars",), ("звук", "радио", "речь", "ораторск", "sound", "radio", "speech", "audio")),
    (("stars",), ("фантаст", "фэнтези", "космос", "астроном", "утоп", "fantas", "science fiction",
                  "astronom", "utop", "dystop", "magic", "звёзд", "звезд", "star", "科幻")),
    (("snow",), ("север", "зим", "аркти", "антаркти", "сибир", "north", "winter", "arctic",
                 "polar", "siberia", "snow", "репресс", "лагер", "блокад", "jatkosota")),
    (("contour",), ("путешеств", "географ", "карт", "экспедиц", "туризм", "travel", "voyage",
                    "geograph", "expedition", "map", "эмигра", "кавказ", "казахстан", "podróż",
                    "emigra", "رحل", "جغراف")),
    (("leaves",), ("природ", "растен", "животн", "ботани", "биолог", "экологи", "сад", "лес",
                   "сельск", "nature", "plant", "animal", "botan", "biolog", "ecolog", "garden",
                   "forest", "agricult", "bird", "семь", "поколен", "family", "generation",
                   "familia")),
    (("orbits",), ("наук", "физик", "хими", "математ", "техник", "информат", "програм", "медицин",
                   "инженер", "science", "physic", "chemi", "mathemat", "technolog", "engineer",
                   "comput", "medic", "врем", "time", "zeit", "cosmolog", "evolution", "علوم")),
    (("sun", "halftone"), ("филос", "религи", "этик", "логик", "богослов", "мифолог", "philosoph",
                           "religio", "ethic", "logic", "theolog", "mytholog", "فلسف", "دين")),
    (("stairs",), ("совест", "психолог", "преступ", "детектив", "право", "суд", "conscience",
                   "psycholog", "crime", "detective", "murder", "guilt", "law", "نفس")),
    (("windows", "bridge", "tower"), ("город", "петербург", "москв", "ленинград", "краевед",
                                      "урбан", "city", "cities", "town", "petersburg", "moscow",
                                      "urban", "london", "paris", "istanbul", "i̇stanbul", "київ",
                                      "مدين", "القاهرة")),
    (("lines",), ("язык", "лингв", "словар", "грамматик", "биограф", "мемуар", "письм", "дневник",
                  "language", "linguist", "dictionar", "grammar", "biograph", "memoir", "letter",
                  "diar", "разговор", "conversation", "ёддошт", "لغة", "محادثة", "سير")),
    (("arches",), ("истор", "архитект", "археолог", "древн", "войн", "памятник", "histor",
                   "architect", "archaeolog", "ancient", "war", "monument", "революц", "восстан",
                   "эпос", "eepokset", "weltkrieg", "revolution", "تاريخ")),
    (("waves",), ("любов", "море", "морск", "поэз", "стих", "лирик", "река", "love", "sea",
                  "ocean", "poet", "poem", "lyric", "river", "поез", "шеър", "şiir", "lyrik",
                   "runo", "liebe", "muhabbat", "корабл", "ship", "boat", "პოეზ", "поезі", "شعر",
                  "حب", "بحر")),
    # Where nothing is known of the matter, the ornament of a literature says where it is from.
    (("ikat",), ("oʻzbek", "адабиёти тоҷик", "кыргыз", "қазақ", "татар")),
    (("lattice",), ("الأدب العربي", "ادبیات", "azərbaycan", "türk edebiyatı")),
    (("vine",), ("հայ գրական", "ქართული", "українськ", "беларуск", "literatura română")),
    (("scales",), ("中国文学", "日本文学", "한국", "văn học", "儿童文学")),
    (("birches",), ("suomalainen", "eesti", "svensk", "barnlitteratur")),
)  # fmt: skip
"""Drawings and the beginnings of the words that call for them; the first that answers draws."""

PLAIN = ("stripes", "halftone", "sun", "contour")

FOR_CHILDREN = ("детск", "детям", "для детей", "сказк", "азбук", "child", "juvenile", "fairy")
POPULAR = ("научно-популяр", "популярн", "popular")
MONUMENT = ("летопис", "памятники письмен", "былин", "chronicle", "epic", "manuscript")
SCHOLARLY = (
    "исследован", "литературоведен", "монограф", "языкознан", "диссертац", "сборник научн",
    "history and criticism", "research", "criticism", "congress", "dissertation", "monograph",
)  # fmt: skip
SERIALS = {"journal", "serial", "newspaper", "periodical", "magazine", "issue"}
SOUNDS = {"audio", "audiobook", "sound", "music", "recording"}


_ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f]")
_WORD = re.compile(r"\w+")
_ARTICLE = "ال"
_FIRST_WIDE = "\u1100"
"""Scripts below this have no wide signs (Unicode Standard Annex 11)."""


class Rules:
    """Lists of the beginnings of words; of those that answer a text the first one counts.

    A page draws thirty covers: each word is looked up once, whatever the number of lists.
    """

    LETTERS = 2

    def __init__(self, *lists: tuple[str, ...]) -> None:
        self._known: dict[str, list[tuple[int, str]]] = {}
        for number, beginnings in enumerate(lists):
            for beginning in beginnings:
                self._known.setdefault(beginning[: self.LETTERS], []).append((number, beginning))

    def first(self, text: str) -> int | None:
        """Return the number of the first list with a beginning of one of the words."""
        found: int | None = None
        for word in _WORD.finditer(text):
            start = word.start()
            found = self._best(text, start, found)
            if text.startswith(_ARTICLE, start):
                found = self._best(text, start + len(_ARTICLE), found)
        return found

    def _best(self, text: str, start: int, found: int | None) -> int | None:
        for number, beginning in self._known.get(text[start : start + self.LETTERS], ()):
            if (found is None or number < found) and text.startswith(beginning, start):
                return number
        return found


_DRAWN = Rules(*(words for _drawings, words in ART))
_FRAME, _LABEL, _TYPE = range(3)
_LAID_OUT = Rules(MONUMENT, (*FOR_CHILDREN, *POPULAR), SCHOLARLY)


@dataclass(frozen=True)
class Cover:
    """What the macro ``parts/cover.pt`` draws."""

    title: str
    author: str
    foot: str
    layout: str
    palette: str
    size: int
    art: str
    image: str | None = None
    language: str | None = None

    @property
    def css(self) -> str:
        """Return the classes of the cover."""
        layout = f" cover--{self.layout}" if self.layout != "plate" else ""
        script = " cover--arabic" if _ARABIC.search(self.title) else ""
        long_name = f" au-{self.author_size}" if self.author_size > 1 else ""
        return f"cover{layout}{script} k-{self.palette} tl-{self.size}{long_name}"

    @property
    def author_size(self) -> int:
        """Return the largest size (1 to 3) at which the author's name is one whole line."""
        length = len(self.author)
        return next((n for n, most in enumerate(AUTHOR_LETTERS, 1) if length <= most), 3)

    @property
    def initial(self) -> str:
        """Return the giant letter of the layout ``type``."""
        return next((letter for letter in self.title if letter.isalnum()), "").upper()


@dataclass(frozen=True)
class Spine:
    """What the macro ``parts/spine.pt`` draws."""

    title: str
    palette: str
    form: str
    size: int
    whole: bool = True
    """Whether the title stands on it uncut; else the book had better show its face."""

    @property
    def css(self) -> str:
        """Return the classes of the spine."""
        form = f" spine--{self.form}" if self.form else ""
        size = f" sp-{self.size}" if self.size > 1 else ""
        return f"spine k-{self.palette}{form}{size}"


def make_cover(book: Any = None, **given: Any) -> Cover:
    """Return the cover of a book: an object or a mapping, or its parts by name.

    Parts: title, author, kind, subjects, year, work (what all editions share; otherwise
    work_id or id), foot, image (the address of a real cover), language (of the title). A cover
    stays as it is.
    """
    if isinstance(book, Cover) and not given:
        return book
    part = _parts(book, given)
    return draw_cover(
        title=str(part("title") or ""),
        author=str(part("author") or ""),
        kind=str(part("kind") or ""),
        subjects=tuple(part("subjects") or ()),
        year=part("year"),
        work=str(part("work") or part("work_id") or part("id") or ""),
        foot=str(part("foot") or ""),
        image=part("image"),
        language=part("language") or None,
    )


def draw_cover(
    title: str,
    author: str,
    kind: str,
    subjects: Sequence[str],
    year: Any,
    work: str,
    foot: str = "",
    image: str | None = None,
    language: str | None = None,
) -> Cover:
    """Return the cover that these words make; ``make_cover`` says what they are."""
    title = cover_title(title)
    layout = layout_of(kind, subjects, year)
    return Cover(
        title=title,
        author=cover_author(author),
        foot=foot or str(year or ""),
        layout=layout,
        palette=palette_of(work or title),
        size=size_class(title, layout),
        art=art_of(subjects, title, work or title),
        image=image,
        language=language,
    )


def make_spine(book: Any = None, **given: Any) -> Spine:
    """Return the spine of a book; ``pages`` makes it thin or tall."""
    part = _parts(book, given)
    whole = cover_title(str(part("title") or ""))
    work = str(part("work") or part("work_id") or part("id") or whole)
    palette = book.palette if isinstance(book, Cover) else palette_of(work)
    form = _spine_form(part("pages"), work)
    letters = SPINE_LETTERS[form]
    title = cover_title(whole, letters[-1])
    size = next((n for n, most in enumerate(letters, 1) if len(title) <= most), 3)
    return Spine(title, palette, form, size, len(title) <= letters[-1] and _is_whole(title, whole))


def shelf_covers(books: Iterable[Any]) -> list[Cover]:
    """Return covers that stand side by side: neighbours never have the same palette."""
    return spread([make_cover(book) for book in books])


def spread(covers: Sequence[Cover]) -> list[Cover]:
    """Step a palette on by one where the neighbour before has the same."""
    standing: list[Cover] = []
    for cover in covers:
        standing.append(next_to(standing[-1].palette if standing else None, cover))
    return standing


def next_to(palette: str | None, cover: Cover) -> Cover:
    """Return the cover as it stands beside one of this palette."""
    return cover if cover.palette != palette else replace(cover, palette=following(cover.palette))


def following(palette: str) -> str:
    """Return the next palette."""
    return PALETTES[(PALETTES.index(palette) + 1) % len(PALETTES)]


def palette_of(work: str) -> str:
    """Return the palette of a work; the same for ever and on every machine."""
    return PALETTES[_number(work) % len(PALETTES)]


def art_of(subjects: Iterable[str], title: str = "", work: str = "") -> str:
    """Return the drawing for the subjects, else for the title's words.

    What no rule knows is something plain that differs from work to work.
    """
    subjects = tuple(subjects)
    for text in (" ".join(subjects), title):
        number = _DRAWN.first(text.casefold())
        if number is not None:
            drawings, _words = ART[number]
            return drawings[_number(work) % len(drawings)]
    return PLAIN[_number(work or title) % len(PLAIN)]


def layout_of(kind: str, subjects: Iterable[str] = (), year: Any = None) -> str:
    """Return the layout for a kind of book; fiction and all that is unknown are plates."""
    if kind in SERIALS:
        return "serial"
    if kind in SOUNDS:
        return "square"
    if year is not None and _year(year) < 1930:
        return "frame"
    layouts = {_FRAME: "frame", _LABEL: "label", _TYPE: "type", None: "plate"}
    return layouts[_LAID_OUT.first(" ".join(subjects).casefold())]


def size_class(title: str, layout: str = "plate") -> int:
    """Return the largest size (1 to 6) at which the longest word and all lines fit."""
    width = 70.0 if layout in {"label", "frame"} else 82.0
    scale = {"label": 0.82, "frame": 0.9, "serial": 1.1}.get(layout, 1.0)
    if max(title, default="") < _FIRST_WIDE:
        lengths = [len(word) for word in title.split()] or [0]
        longest = max(lengths) * WIDEST_LETTER
        widths = [length * MEAN_LETTER for length in lengths]
    else:
        words = _breakable(title) or [""]
        longest = max(_width(word, WIDEST_LETTER) for word in words)
        widths = [_width(word, MEAN_LETTER) for word in words]
    for number, nominal in enumerate(SIZES, 1):
        size = nominal * scale
        if longest * size <= width and _lines(widths, width / size) * size * LINE <= 50:
            return number
    return len(SIZES)


def cover_title(title: str, limit: int = 90) -> str:
    """Return the title as it fits a cover: without what follows a colon, then cut at a word."""
    title = " ".join(title.split()).strip(" /:;,.")
    if len(title) > limit:
        title = re.split(r"\s*[:=;/]\s", title, maxsplit=1)[0]
    if len(title) > limit:
        title = title[:limit].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
    return title


def cover_author(name: str) -> str:
    """Return a catalogue's heading as covers print it: «Ф. М. Достоевский», «Андрей Битов»."""
    family, comma, given = name.partition(",")
    names = given.split()
    if (
        not comma
        or not names
        or not all(word[0].isupper() and word.rstrip(".").isalpha() for word in names)
    ):
        return name
    if len(names) > 1:
        names = [f"{word[0]}." for word in names]
    return " ".join((*names, family.strip()))


def _parts(book: Any, given: Mapping[str, Any]) -> Any:
    def part(name: str) -> Any:
        if name in given:
            return given[name]
        if isinstance(book, Mapping):
            return book.get(name)
        return getattr(book, name, None)

    return part


def _number(work: str) -> int:
    return int.from_bytes(blake2s(work.encode(), digest_size=4).digest())


def _is_whole(title: str, whole: str) -> bool:
    """Say whether nothing but a subtitle was left out."""
    return title == whole or not title.endswith("…")


def _year(value: Any) -> int:
    digits = re.search(r"\d{4}", str(value))
    return int(digits[0]) if digits else 9999


def _breakable(title: str) -> list[str]:
    """Return what lines are made of: words, and in scripts without spaces the signs."""
    return [
        part for word in title.split() for part in (word if all(map(_is_square, word)) else (word,))
    ]


def _width(word: str, letter: float) -> float:
    return sum(SQUARE if _is_wide(sign) else letter for sign in word)


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"


def _is_square(sign: str) -> bool:
    """Tell signs between which a line may end; Korean has spaces, and is better broken there."""
    return _is_wide(sign) and not "\uac00" <= sign <= "\ud7a3"


def _lines(widths: Sequence[float], room: float) -> int:
    lines, filled = 1, 0.0
    for width in widths:
        needed = width if not filled else filled + width + (0 if width == SQUARE else MEAN_LETTER)
        if filled and needed > room:
            lines, filled = lines + 1, width
        else:
            filled = needed
    return lines


def _spine_form(pages: Any, work: str) -> str:
    if isinstance(pages, int) and pages > 0:
        return "thin" if pages < 160 else "tall" if pages > 560 else ""
    return ("", "thin", "tall", "low", "")[_number(f"spine {work}") % 5]
