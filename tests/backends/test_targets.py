"""Where a processor must not send: every spelling of every address that is not public, and the one shop that may be."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from course_support.backends import targets
from course_support.backends.targets import NAMES, Refused, refusal, resolve, special, target

# Each with a word of the reason, so that none is refused for another one than it should be.
SPELLINGS = {
    "127.0.0.1": "loopback",
    "127.0.0.1.": "loopback",
    "127.1": "loopback",
    "127.0.1": "loopback",
    "127.255.255.254": "loopback",
    "2130706433": "loopback",
    "0x7f000001": "loopback",
    "0X7F000001": "loopback",
    "0x7f.1": "loopback",
    "0x7f.0x0.0x0.0x1": "loopback",
    "017700000001": "loopback",
    "0177.0.0.1": "loopback",
    "0177.0x1": "loopback",
    "00000177.0.0.1": "loopback",
    "0": "this network",
    "0.0.0.0": "this network",
    "0x0": "this network",
    "10.0.0.1": "private use",
    "10.1": "private use",
    "012.0.0.1": "private use",
    "167772161": "private use",
    "172.16.0.1": "private use",
    "172.31.255.255": "private use",
    "192.168.0.1": "private use",
    "192.168.257": "private use",
    "0xc0a80001": "private use",
    "100.64.0.1": "shared",
    "100.127.255.255": "shared",
    "169.254.169.254": "link-local",
    "0xa9fea9fe": "link-local",
    "2852039166": "link-local",
    "0251.0376.0251.0376": "link-local",
    "192.0.0.8": "protocol",
    "192.0.2.1": "documentation",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "192.88.99.1": "6to4",
    "198.18.0.1": "benchmarking",
    "198.19.255.255": "benchmarking",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "[::]": "unspecified",
    "[::1]": "loopback",
    "[0:0:0:0:0:0:0:1]": "loopback",
    "[::ffff:127.0.0.1]": "loopback",
    "[::ffff:7f00:1]": "loopback",
    "[::FFFF:10.0.0.1]": "private use",
    "[::ffff:169.254.169.254]": "link-local",
    "[64:ff9b::10.0.0.1]": "private use",
    "[64:ff9b::7f00:1]": "loopback",
    "[64:ff9b:1::8.8.8.8]": "inside a network",
    "[2002:7f00:1::]": "loopback",
    "[2002:c0a8:1::1]": "private use",
    "[2002:a9fe:a9fe::]": "link-local",
    "[::127.0.0.1]": "not global unicast",
    "[::ffff:0:127.0.0.1]": "not global unicast",
    "[fe80::1]": "link-local",
    "[febf::1]": "link-local",
    "[fc00::1]": "unique-local",
    "[fdff::1]": "unique-local",
    "[fec0::1]": "not global unicast",
    "[ff02::1]": "multicast",
    "[ff0e::1]": "multicast",
    "[100::1]": "discard",
    "[100:0:0:1::1]": "not global unicast",
    "[2001:db8::1]": "documentation",
    "[3fff::1]": "documentation",
    "[2001::1]": "protocol",
    "[2001:0:7f00:1::]": "protocol",
    "[5f00::1]": "segment",
    "[4000::1]": "not global unicast",
    "localhost": "loopback",
    "LOCALHOST": "loopback",
    "localhost.": "loopback",
    "another.localhost": "loopback",
    "shop.localhost.localhost": "loopback",
    "intranet.yourstore.com": "private use",
    "INTRANET.yourstore.com.": "private use",
    "metadata.yourstore.com": "link-local",
    "printer.yourstore.com": "unique-local",
    "both.yourstore.com": "private use",  # one of its addresses is public
}
MALFORMED = [
    "",
    "yourstore.com",
    "//yourstore.com/",
    "https:yourstore.com",
    "https:/yourstore.com",
    "https://",
    "https:///hooks",
    "https://?a",
    "https://#a",
    "ftp://yourstore.com/",
    "file:///etc/passwd",
    "gopher://yourstore.com/",
    "javascript://yourstore.com/",
    "xhttps://yourstore.com/",
    "https://you@yourstore.com/",
    "https://you:secret@yourstore.com/",
    "https://@yourstore.com/",
    "https://yourstore.com@127.0.0.1/",
    "https://yourstore.com/#part",
    "https://yourstore.com/#",
    "https://yourstore.com:0/",
    "https://yourstore.com:65536/",
    "https://yourstore.com:000443/",
    "https://yourstore.com:-1/",
    "https://yourstore.com:80:80/",
    "https://yourstore.com:port/",
    "https://your store.com/",
    "https://yourstore.com/a b",
    " https://yourstore.com/",
    "https://yourstore.com/\n",
    "https://yourstore.com\n/",
    "https://yourstore.com/\r\nHost: localhost",
    "https://yourstore.com\t/",
    "https://yourstore.com\x00/",
    "https://yourstore.com\\@127.0.0.1/",
    "https:\\\\yourstore.com/",
    "https://127%2e0.0.1/",
    "https://%31%32%37.0.0.1/",
    "https://127。0。0。1/",
    "https://１２７.0.0.1/",
    "https://ⓛocalhost/",
    "https://yourstore.com/é",
    "https://your_store.com/",
    "https://yourstore..com/",
    "https://.yourstore.com/",
    "https://yourstore.com../",
    "https://./",
    "https://[::1/",
    "https://::1/",
    "https://[::1]yourstore.com/",
    "https://[::1%25lo]/",
    "https://[fe80::1%lo]/",
    "https://[v1.a]/",
    "https://[]/",
    "https://[12345::]/",
    "https://256.0.0.1/",
    "https://1.2.3.4.5/",
    "https://08.8.8.8/",
    "https://4294967296/",
    "https://0x100000000/",
    "https://8.8.8.8.0xg1/",
    "https://yourstore.com.1/",
    "https://yourstore.com.0x1/",
    "https://nobody.yourstore.com/",
    "https://yourstore.com/" + "a" * 2048,
]


def test_there_are_enough_spellings() -> None:
    assert len(SPELLINGS) >= 40


@pytest.mark.parametrize("port", ["", ":443", ":8080"])
@pytest.mark.parametrize("host", SPELLINGS)
def test_what_is_not_public_is_refused_in_every_spelling(host: str, port: str) -> None:
    advice = refusal(f"https://{host}{port}/webhooks/payments")
    assert advice is not None
    assert advice.startswith("Choose a public address: ")
    assert SPELLINGS[host] in advice


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    advice = refusal(url)
    assert advice is not None
    assert "public address" not in advice
    assert advice.endswith(".")
    assert ". " not in advice  # one sentence


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("https://you:secret@yourstore.com/", "user name"),
        ("https://yourstore.com/#part", "fragment"),
        ("https://yourstore.com:65536/", "port"),
        ("ftp://yourstore.com/", "https://yourstore.com"),
        ("https://yourstore.com\\@127.0.0.1/", "RFC 3986"),
        ("https://yourstore.com/" + "a" * 2048, "2048"),
        ("https://256.0.0.1/", "IP address"),
        ("https://nobody.yourstore.com/", "nobody.yourstore.com"),
        ("http://yourstore.com/", "https"),
        ("http://127.0.0.1/", "https"),
        ("http://localhost:8888/", "https"),
    ],
)
def test_the_advice_is_about_the_fault(url: str, word: str) -> None:
    assert word in str(refusal(url))


@pytest.mark.parametrize(
    ("url", "address", "port", "path"),
    [
        ("https://yourstore.com/webhooks/payments", "93.184.215.14", 443, "/webhooks/payments"),
        ("HTTPS://YourStore.com./hooks?a=b&c=//d@e:1", "93.184.215.14", 443, "/hooks?a=b&c=//d@e:1"),
        ("https://yourstore.com", "93.184.215.14", 443, "/"),
        ("https://yourstore.com:?a", "93.184.215.14", 443, "/?a"),
        ("https://yourstore.com:8443/a%20b", "93.184.215.14", 8443, "/a%20b"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/"),
        ("https://0x08080808/", "8.8.8.8", 443, "/"),
        ("https://010.8.8.8/", "8.8.8.8", 443, "/"),
        ("https://[2606:4700::1111]/", "2606:4700::1111", 443, "/"),
        ("https://[2002:808:808::1]/", "2002:808:808::1", 443, "/"),
        ("https://[64:ff9b::8.8.8.8]/", "64:ff9b::808:808", 443, "/"),
        ("http://shop.localhost/", "127.0.0.1", 80, "/"),
        ("https://shop.localhost/", "127.0.0.1", 443, "/"),
        ("http://SHOP.localhost:8001/webhooks/payments", "127.0.0.1", 8001, "/webhooks/payments"),
    ],
)
def test_a_good_address_leads_somewhere(url: str, address: str, port: int, path: str) -> None:
    assert refusal(url) is None
    found = target(url)
    assert (found.address, found.port, found.path) == (address, port, path)


@pytest.mark.parametrize(
    "edge",
    [
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "1.0.0.0",
        "192.31.196.1",
        "192.52.193.1",
        "192.175.48.1",
        "2001:200::",
        "2001:db7:ffff::",
        "2001:db9::",
        "3ffe:ffff::",
        "3fff:1000::",
        "2000::",
        "2620:4f:8000::1",
    ],
)
def test_the_neighbours_of_a_special_block_are_public(edge: str) -> None:
    assert special(ip_address(edge)) is None


def test_every_block_is_special_from_its_first_address_to_its_last() -> None:
    for network in targets.SPECIAL:
        assert special(network[0])
        assert special(network[-1])


def test_only_the_one_name_is_allowed() -> None:
    assert refusal("http://shop.localhost:1/", allowed="other.localhost") is not None
    assert refusal("http://other.localhost:1/", allowed="other.localhost") is None
    for name in ("xshop.localhost", "shop.localhostx", "shop.localhost.com", "op.localhost", "shop-localhost"):
        assert refusal(f"http://{name}:8000/") is not None


def test_what_resolve_says_counts_and_it_is_asked_once() -> None:
    asked = []

    def rebinding(name: str) -> list[str]:
        asked.append(name)
        return ["8.8.8.8"] if len(asked) == 1 else ["127.0.0.1"]

    assert target("https://Yourstore.com./", rebinding).address == "8.8.8.8"
    assert asked == ["yourstore.com"]
    with pytest.raises(Refused, match="loopback"):
        target("https://yourstore.com/", rebinding)


def test_a_single_bad_address_among_good_ones_is_enough() -> None:
    for addresses in (["8.8.8.8", "::1"], ["::1", "8.8.8.8"]):
        assert refusal("https://a.example/", lambda name, addresses=addresses: addresses) is not None


def test_an_ip_address_and_the_shop_are_not_looked_up() -> None:
    def nobody(name: str) -> list[str]:
        raise AssertionError(name)

    assert refusal("https://127.0.0.1/", nobody)
    assert refusal("https://[::1]/", nobody)
    assert refusal("http://shop.localhost/", nobody) is None


def test_the_names_of_the_course_are_of_every_kind() -> None:
    kinds = {name: refusal(f"https://{name}/") for name in NAMES}
    assert [name for name, advice in kinds.items() if advice is None] == ["yourstore.com", "otherstore.com"]
    assert resolve("nobody.example") == ()


def test_the_refusal_names_the_address_that_is_wrapped() -> None:
    """Python 3.13 writes the wrapping in another way than those before it."""
    for wrapped in ("::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"):
        why = refusal(f"https://[{wrapped}]/")
        assert why == "Choose a public address: 10.0.0.1 is not one (private use)."
