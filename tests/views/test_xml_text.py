import pytest

from course_support.views import xml_text
from course_support.views.xml_text import is_xml, pretty


@pytest.mark.parametrize(
    ("media_type", "xml"),
    [
        ("text/xml", True),
        ("application/xml", True),
        ("application/soap+xml", True),
        ("application/wsdl+xml", True),
        ("application/json", False),
        ("text/html", False),
        ("", False),
    ],
)
def test_what_is_xml(media_type: str, xml: bool) -> None:
    assert is_xml(media_type) is xml


def test_elements_stand_one_below_the_other() -> None:
    text = (
        '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="urn:s"><s:Body><n>1</n><e/></s:Body></s:Envelope>'
    )
    assert pretty(text).splitlines() == [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<s:Envelope xmlns:s="urn:s">',
        "  <s:Body>",
        "    <n>1</n>",
        "    <e/>",
        "  </s:Body>",
        "</s:Envelope>",
    ]


def test_what_is_laid_out_is_laid_out_anew() -> None:
    assert pretty("<a>\r\n\r\n<b> \t</b>\r\n</a>") == "<a>\n  <b> \t</b>\n</a>"


@pytest.mark.parametrize(
    "text",
    [
        "<a>  two  blanks\n and a line </a>",
        "<p>mixed <b>with</b> text</p>",
        "<a><![CDATA[<b> & ]]></a>",
        "<!-- before --><a/><!-- after -->",
        "<a>&lt;&amp;ü🎵</a>",
        "<a> </a>",
    ],
)
def test_what_it_says_stays(text: str) -> None:
    assert pretty(text).replace("\n<", "<").replace(">\n", ">") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text",
        "<a>",
        "<a></b>",
        "<x:a/>",
        "<a>\x00</a>",
        "<a>&undefined;</a>",
        '<!DOCTYPE a [<!ENTITY e "e">]><a>&e;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        "<a>" * 10_000 + "</a>" * 10_000,
    ],
    ids=lambda text: text[:20],
)
def test_what_does_not_parse_safely_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        pretty(text)


def test_a_byte_order_mark_is_no_content() -> None:
    assert xml_text.pretty("\ufeff<a/>") == "<a/>"
