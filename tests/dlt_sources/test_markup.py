"""XML from outside: entities, encodings and depth are no way in."""

from __future__ import annotations

from string import ascii_letters

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlt_sources.documents import DocumentError
from dlt_sources.markup import UNKNOWN, tree, words

DTD = b'<!DOCTYPE a SYSTEM "absent.dtd" [<!ENTITY F-1.TIF SYSTEM "F-1.TIF" NDATA TIF>]>'


def test_names_of_an_absent_dtd_are_characters_and_pictures_nothing() -> None:
    assert words(tree(DTD + b"<a>&ldquo;x&rdquo; &times; &agr;</a>")) == f"“x” × {UNKNOWN}"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "declares an entity"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///x">]><a>&x;</a>', "declares an entity"),
        (b'<!DOCTYPE a [<!ENTITY % x SYSTEM "u"> %x;]><a/>', "declares an entity"),
        (b'<!DOCTYPE a [<!ENTITY x "a>b"><!ENTITY y SYSTEM "q" NDATA z>]><a/>', "declares an entity"),
        (b'<!DOCTYPE a [<!ENTITY x "', "declares an entity that does not end"),
        (b"<a>&ldquo;</a>", "not XML"),
        (b"<a><b></a>", "not XML"),
        (b"", "not XML"),
        ("<a/>".encode("utf-16"), "not XML in UTF-8"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "not XML in UTF-8"),
        (b"<a>\xff</a>", "not XML"),
    ],
)
def test_what_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        tree(data)


def test_depth_is_no_danger() -> None:
    assert words(tree(b"<a>" * 50_000 + b"x" + b"</a>" * 50_000)) == "x"


@given(st.binary(max_size=60), st.integers(0, 60))
@settings(max_examples=40, deadline=None)
def test_mutated_documents_are_read_or_refused_with_a_reason(noise: bytes, at: int) -> None:
    whole = b'<?xml version="1.0"?>' + DTD + b"<a><b>&ldquo;text</b></a>"
    try:
        assert tree(whole[:at] + noise + whole[at:]).tag
    except DocumentError as error:
        assert "\n" not in str(error)


@given(st.text(ascii_letters + " \n\t", max_size=30))
@settings(max_examples=20, deadline=None)
def test_words_have_single_blanks(text: str) -> None:
    assert words(tree(f"<a><b>{text}</b> {text}</a>".encode())) == (
        " ".join(f"{text} {text}".split()) or None
    )
