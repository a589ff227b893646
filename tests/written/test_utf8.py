"""A file that is not UTF-8 is called what it is."""

from __future__ import annotations

import pytest

from gateway.written.utf8 import NotUtf8, text_of


@pytest.mark.parametrize("marked", [True, False], ids=["with a mark", "without"])
@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("size", [16, 32])
def test_text_of_wider_characters_is_called_so_with_a_mark_and_without(size: int, order: str, marked: bool) -> None:
    text = ("\ufeff" if marked else "") + "[hub]\nname = 1\n"
    with pytest.raises(NotUtf8, match=f"^the file is UTF-{size} text; save it as UTF-8$"):
        text_of(text.encode(f"utf-{size}-{order}"))


def test_what_is_no_text_in_utf_8_is_told_as_that() -> None:
    with pytest.raises(NotUtf8, match=r"^the file is not UTF-8 text; save it as UTF-8$"):
        text_of("naam: é".encode("latin-1"))


@pytest.mark.parametrize("text", ["", "a", "ab", "né", "\0abc", "a\0bc"])
def test_utf_8_is_read_with_a_mark_or_without(text: str) -> None:
    assert text_of(text.encode()) == text
    assert text_of(text.encode("utf-8-sig")) == text
