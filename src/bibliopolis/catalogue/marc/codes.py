"""Tables of codes that MARC 21 uses and readers never see."""

from __future__ import annotations

from bibliopolis.catalogue.record_data import Kind

# ISO 639-2/B, as MARC writes it, to the BCP 47 tag; a language with no tag of two letters
# keeps its code, which is its tag as well.
_PAIRS = """
    abk:ab afr:af alb:sq amh:am ara:ar arm:hy aze:az bak:ba baq:eu bel:be ben:bn bos:bs bre:br
    bul:bg bur:my cat:ca che:ce chi:zh chu:cu chv:cv cze:cs dan:da dut:nl eng:en epo:eo est:et
    ewe:ee fao:fo fij:fj fin:fi fre:fr fry:fy geo:ka ger:de gla:gd gle:ga glg:gl grn:gn gre:el
    guj:gu hat:ht hau:ha heb:he hin:hi hrv:hr hun:hu ibo:ig ice:is ind:id ita:it jav:jv jpn:ja
    kal:kl kan:kn kas:ks kaz:kk khm:km kin:rw kir:ky kom:kv kor:ko kur:ku lao:lo lat:la lav:lv
    lin:ln lit:lt ltz:lb mac:mk mal:ml mao:mi mar:mr may:ms mlg:mg mlt:mt mol:ro mon:mn nep:ne
    nno:nn nob:nb nor:no oci:oc ori:or oss:os pan:pa per:fa pol:pl por:pt pus:ps que:qu roh:rm
    rum:ro run:rn rus:ru san:sa sin:si slo:sk slv:sl sme:se smo:sm sna:sn snd:sd som:so spa:es
    srd:sc srp:sr sun:su swa:sw swe:sv tah:ty tam:ta tat:tt tel:te tgk:tg tgl:tl tha:th tib:bo
    tir:ti ton:to tuk:tk tur:tr uig:ug ukr:uk urd:ur uzb:uz vie:vi wel:cy wol:wo xho:xh yid:yi
    yor:yo zul:zu scc:sr scr:hr cam:km esk:ik esp:eo eth:gez far:fo fri:fy gag:gl iri:ga lan:oc
    lap:se sho:sn sao:sm taj:tg tag:tl tar:tt tsw:tn
"""
LANGUAGE_TAGS = dict(pair.split(":") for pair in _PAIRS.split())
NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis", "   ", "|||", "xxx"})

# The relator codes of $4 that readers are told; the others are contributors.
ROLE_CODES = {
    "aut": "author",
    "aui": "introduction_author",
    "aft": "introduction_author",
    "trl": "translator",
    "edt": "editor",
    "ill": "illustrator",
    "com": "compiler",
    "cmp": "composer",
    "lyr": "lyricist",
    "lbt": "librettist",
    "arr": "arranger",
    "cnd": "conductor",
    "prf": "performer",
    "sng": "performer",
    "nrt": "narrator",
    "act": "actor",
    "drt": "director",
    "fmd": "director",
    "pro": "producer",
    "pht": "photographer",
    "art": "artist",
    "ctg": "cartographer",
    "pbl": "publisher",
    "isb": "issuing_body",
    "prt": "printer",
    "spn": "sponsor",
    "adp": "author",
    "cre": "author",
    "mus": "performer",
    "itr": "performer",
    "voc": "performer",
    "spk": "narrator",
}

# What cataloguers write in $e, by the beginning of the word.
ROLE_WORDS = (
    ("author of intro", "introduction_author"),
    ("author of after", "introduction_author"),
    ("joint author", "author"),
    ("author", "author"),
    ("автор вступ", "introduction_author"),
    ("автор предисл", "introduction_author"),
    ("автор", "author"),
    ("translat", "translator"),
    ("tr.", "translator"),
    ("перев", "translator"),
    ("пер.", "translator"),
    ("editor", "editor"),
    ("edited", "editor"),
    ("ed.", "editor"),
    ("joint ed", "editor"),
    ("herausgeber", "editor"),
    ("hrsg", "editor"),
    ("редактор", "editor"),
    ("ред.", "editor"),
    ("illustrat", "illustrator"),
    ("ill.", "illustrator"),
    ("иллюстр", "illustrator"),
    ("худож", "illustrator"),
    ("compiler", "compiler"),
    ("comp.", "compiler"),
    ("составит", "compiler"),
    ("сост.", "compiler"),
    ("composer", "composer"),
    ("композитор", "composer"),
    ("lyricist", "lyricist"),
    ("librettist", "librettist"),
    ("arranger", "arranger"),
    ("conductor", "conductor"),
    ("дириж", "conductor"),
    ("performer", "performer"),
    ("prf", "performer"),
    ("исполн", "performer"),
    ("singer", "performer"),
    ("narrator", "narrator"),
    ("чтец", "narrator"),
    ("actor", "actor"),
    ("актер", "actor"),
    ("актёр", "actor"),
    ("director", "director"),
    ("film director", "director"),
    ("режисс", "director"),
    ("producer", "producer"),
    ("photograph", "photographer"),
    ("фотограф", "photographer"),
    ("artist", "artist"),
    ("cartographer", "cartographer"),
    ("publisher", "publisher"),
    ("issuing body", "issuing_body"),
    ("printer", "printer"),
    ("sponsor", "sponsor"),
)

CONTRIBUTOR = "contributor"

KIND_BY_TYPE = {
    "a": Kind.BOOK,
    "t": Kind.BOOK,
    "c": Kind.SCORE,
    "d": Kind.SCORE,
    "e": Kind.MAP,
    "f": Kind.MAP,
    "g": Kind.FILM,
    "i": Kind.AUDIOBOOK,
    "j": Kind.SOUND,
    "k": Kind.PICTURE,
    "m": Kind.OTHER,
    "o": Kind.OTHER,
    "p": Kind.OTHER,
    "r": Kind.OTHER,
}


def language_tag(code: str) -> str | None:
    """Return the tag for a MARC language code, or None if it names no language."""
    code = code.strip().lower()
    if code in NO_LANGUAGE or len(code) not in (2, 3) or not (code.isascii() and code.isalpha()):
        return None
    return LANGUAGE_TAGS.get(code, code)


def role(codes: list[str], words: list[str], default: str) -> str:
    """Return the role that $4 gives, else the one that the words of $e mean."""
    for code in codes:
        short = code.rstrip(". /").rpartition("/")[2].lower()
        if len(short) == 3 and short.isascii() and short.isalpha():
            return ROLE_CODES.get(short, CONTRIBUTOR)
    for word in words:
        folded = word.strip().lower()
        for beginning, meant in ROLE_WORDS:
            if folded.startswith(beginning):
                return meant
    return default
