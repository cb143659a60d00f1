"""Descriptions lose their HTML and pictures, and keep their words."""

import pytest

from services.directory.imports.plain_text import one_line, plain


def test_paragraphs_and_list_items_stay_apart() -> None:
    html = (
        "<div><h2>What we do</h2><p>Tea &amp; talk.</p><ul><li>Mondays</li><li><b>Fridays</b></li><li></li></ul></div>"
    )
    assert plain(html, 500) == "What we do\n\nTea & talk.\n\n- Mondays\n- Fridays"


@pytest.mark.parametrize(
    ("feed", "people_read"),
    [
        ('<p>See<img src="data:image/png;base64,iVBORw0KGgo="/> us</p>', "See us"),
        ("before data:image/jpeg;base64,/9j/4AAQSkZJRg== after", "before after"),
        ("&lt;p&gt;Twice &amp;amp; escaped&lt;/p&gt;", "Twice & escaped"),
        ("<style>p{color:red}</style><script>alert(1)</script>Hello", "Hello"),
        ("Write to <info@group.org> today", "Write to info@group.org today"),
        ("Ages < 18 and > 12", "Ages < 18 and > 12"),
        ("one\u00a0\u00a0two\u200b three\r\n\r\n\r\n\r\nfour", "one two three\n\nfour"),
        ("<p>A<br>B</p>", "A\n\nB"),
        ("<!-- hidden -->seen", "seen"),
        ("https://group.org/?a=1&b=2", "https://group.org/?a=1&b=2"),
        ("<p><br></p>", ""),
        ("Your data: kept for a year", "Your data: kept for a year"),
    ],
)
def test_what_a_feed_says_is_what_people_read(feed: str, people_read: str) -> None:
    assert plain(feed, 500) == people_read


def test_a_long_text_ends_at_a_word() -> None:
    assert plain("word " * 100, 30) == "word word word word word word…"
    assert len(plain("x" * 5000, 100)) == 100


def test_a_name_is_one_line() -> None:
    assert one_line("<h1>Tea\n and</h1><p>talk</p>", 50) == "Tea and talk"
