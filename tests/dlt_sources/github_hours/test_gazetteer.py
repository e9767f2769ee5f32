"""A stated location is a country, or nothing where it may be several or none."""

from __future__ import annotations

import pytest

from dlt_sources.github_hours.gazetteer import place

PLACES = {
    "CN": ["China", "中国", "北京", "Beijing", "Shanghai China", "广东省深圳市", "Hangzhou, Zhejiang",
           "Chengdu, P.R.China", "🇨🇳"],
    "HK": ["Hong Kong", "Hong Kong, China", "香港"],
    "MO": ["Macau", "澳门"],
    "TW": ["Taiwan", "Taipei", "中国台湾", "臺北市"],
    "US": ["USA", "San Francisco, CA", "San Francisco Bay Area", "California", "Atlanta, Georgia",
           "Paris, Texas", "Seattle, WA"],
    "GE": ["Tbilisi, Georgia"],
    "CA": ["Toronto, CA"],
    "FR": ["Paris", "Nice"],
    "GB": ["London", "Cambridge, UK"],
    "DE": ["München", "Munich"],
    "KR": ["Seoul, South Korea"],
    "IN": ["Bangalore, India"],
}  # fmt: skip
SEVERAL = ["Georgia", "Cambridge", "CA", "IN", "San Jose", "China / USA", "Berlin/Paris"]
NONE = ["Earth", "Remote", "The Internet", "127.0.0.1", "Made in China", "Moon", "", None, "x" * 200]


@pytest.mark.parametrize("country", PLACES)
def test_a_place_names_its_country(country: str) -> None:
    assert {text: place(text).country for text in PLACES[country]} == dict.fromkeys(PLACES[country], country)


@pytest.mark.parametrize("text", SEVERAL)
def test_what_may_be_several_countries_is_none(text: str) -> None:
    assert place(text) == (None, True)


@pytest.mark.parametrize("text", NONE)
def test_what_names_no_place_is_not_ambiguous(text: str | None) -> None:
    assert place(text) == (None, False)
