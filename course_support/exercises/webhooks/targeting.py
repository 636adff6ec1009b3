"""The exercise of the sender's own protection: which addresses a processor must not send to."""

from __future__ import annotations

import random
from ipaddress import IPv6Address, ip_network

from course_support.backends.webhooks import WEBHOOKS, app
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.verdict import Verdict, wrong

HOOK = "https://shop.example/webhooks/payments"
# Public ones whose neighbours are not: who compares the first digits takes them for each other.
NEIGHBOURS = ("172.32.0.0/12", "192.169.0.0/16", "100.128.0.0/9", "11.0.0.0/8", "169.253.0.0/16", "126.0.0.0/8")
PUBLIC = ("93.184.0.0/16", "2a02:26f0::/32")
V6 = PUBLIC[1]

SEES = "The processor stands inside its own network, and connects to what it is told."
ALL = "One address that is not public is enough: which of them a connection takes, nobody knows before."
# In each: the URL, the networks of the addresses, what a wrong answer means, and what to look at next.
KINDS: dict[str, tuple[str, tuple[str, ...], str, str]] = {
    "public": (
        HOOK,
        PUBLIC[:1],
        "You refused a shop with a public address.",
        "A shop that is reached by https, at a public address, is what webhooks are for.",
    ),
    "neighbours": (
        HOOK,
        NEIGHBOURS,
        "You refused a public address whose first digits look like those of a private one.",
        "Where a network ends is not where a dot stands: `ipaddress.ip_address` knows, so do not compare texts.",
    ),
    "IPv6": (
        HOOK,
        (V6, PUBLIC[0]),
        "You refused a shop with public addresses in IPv6 and IPv4.",
        "An address of IPv6 may be public as well: ask `ipaddress.ip_address` of each.",
    ),
    "a sign in the path": (
        "https://shop.example:8443/webhooks/@payments",
        PUBLIC[:1],
        "You refused a URL for a port or for an @ in its path, where neither does any harm.",
        "A name or password stands before the host: `urlsplit(target_url).username` is None where there is none.",
    ),
    "http": (
        "http://shop.example/webhooks/payments",
        PUBLIC[:1],
        "You would deliver by http, where everybody on the way can read it.",
        "`urlsplit(target_url).scheme` is the scheme.",
    ),
    "a password": (
        "https://shop:secret@shop.example/webhooks/payments",
        PUBLIC[:1],
        "You would deliver to a URL with a name and a password in it.",
        "`urlsplit(target_url)` has a `username` and a `password`: both are None in a URL without them.",
    ),
    "a name": (
        "https://shop.example@other.example/webhooks/payments",
        PUBLIC[:1],
        "You would deliver to a URL that looks like one host and leads to another.",
        "All before the @ is a user name, even if it looks like a host: `urlsplit(target_url).username` shows it.",
    ),
    "nothing": (
        HOOK,
        (),
        "You would deliver to a host that has no address at all.",
        "`all` of nothing is True: look whether there are any addresses first.",
    ),
    "loopback": (
        HOOK,
        ("127.0.0.0/8",),
        "You would deliver to a loopback address, which is the processor's own machine.",
        f"{SEES} All of 127.0.0.0/8 is loopback: `is_global` tells.",
    ),
    "private": (
        HOOK,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        "You would deliver to an address in a private network.",
        f"{SEES} Three networks are private (RFC 1918), and one of them ends at 172.31: `is_global` knows them.",
    ),
    "link-local": (
        "https://metadata.example/latest/meta-data",
        ("169.254.169.254/32",),
        "You would deliver to a link-local address, where a cloud keeps its machines' credentials.",
        f"{SEES} `is_global` is False for all of 169.254.0.0/16.",
    ),
    "shared": (
        HOOK,
        ("100.64.0.0/10",),
        "You would deliver to an address that providers use inside their networks.",
        "For 100.64.0.0/10 `is_private` is False, and so is `is_global` (RFC 6598): ask for what you want, not for "
        "what you do not want.",
    ),
    "unspecified": (
        HOOK,
        ("0.0.0.0/32",),
        "You would deliver to 0.0.0.0, which many systems take for the machine itself.",
        "It is neither loopback nor link-local by its name, and not public either: `is_global` tells.",
    ),
    "multicast": (
        HOOK,
        ("224.1.0.0/16",),
        "You would deliver to a multicast address.",
        "Python counts most multicast addresses as global: `is_multicast` is a question of its own.",
    ),
    "IPv6 multicast": (
        HOOK,
        ("ff0e::/96",),
        "You would deliver to a multicast address of IPv6.",
        "Python counts most multicast addresses as global: `is_multicast` is a question of its own.",
    ),
    "IPv6 loopback": (
        "https://[::1]/webhooks/payments",
        ("::1/128",),
        "You would deliver to ::1, which is the processor's own machine.",
        f"{SEES} In IPv6 loopback is this one address: `is_global` tells.",
    ),
    "IPv6 private": (
        HOOK,
        ("fd00::/8",),
        "You would deliver to an IPv6 address of a private network.",
        "fc00::/7 is for private networks (RFC 4193), as 10.0.0.0/8 is in IPv4: `is_global` knows both.",
    ),
    "mapped loopback": (
        HOOK,
        ("::ffff:127.0.0.0/104",),
        "You would deliver to a loopback address in IPv6's clothes.",
        "`ip_address(…).ipv4_mapped` is the IPv4 address inside, or None: what counts is that one.",
    ),
    "mapped private": (
        HOOK,
        ("::ffff:10.0.0.0/104", "::ffff:192.168.0.0/112"),
        "You would deliver to a private address in IPv6's clothes.",
        "`ip_address(…).ipv4_mapped` is the IPv4 address inside, or None: what counts is that one.",
    ),
    "one of two": (
        HOOK,
        (PUBLIC[0], "10.0.0.0/8"),
        "You would deliver to a host because the first of its addresses is public.",
        ALL,
    ),
    "the other of two": (
        HOOK,
        ("192.168.0.0/16", PUBLIC[0]),
        "You would deliver to a host because the last of its addresses is public.",
        ALL,
    ),
}
ALTERNATIVES = ("neighbours", "private", "mapped private")  # here one of the networks is drawn


def _scenes(draw: random.Random) -> list[Scene]:
    first, *others = KINDS
    return [_scene(draw, kind) for kind in (first, *draw.sample(others, len(others)))]


def _scene(draw: random.Random, kind: str) -> Scene:
    url, networks, *_ = KINDS[kind]
    drawn = [draw.choice(networks)] if kind in ALTERNATIVES else networks
    addresses = [_address(draw, network) for network in drawn]
    processor = app(draw.randrange(2**32))
    processor.state.resolve = lambda name: addresses

    def show(client: Client) -> None:
        wanted = {"event_types": ["payment.completed"], "target_url": url}
        client.send("POST", f"{WEBHOOKS}/register", processor.state.credentials["yourstore"], wanted)

    return Scene(processor, {"target_url": url, "addresses": addresses}, {"kind": kind}, afterwards=show)


def _address(draw: random.Random, within: str) -> str:
    network = ip_network(within)
    size = min(network.num_addresses, 2**32)
    address = network[draw.randrange(1, size - 1) if size > 2 else 0]
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return f"::ffff:{mapped}" if mapped else str(address)  # Python 3.11 writes the inner address in hexadecimal


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(bool, "True or False"), _other_decision)


def _other_decision(evidence: Evidence) -> Verdict | None:
    """Another one than the processor's, to which the same target was registered."""
    exchange, value = evidence.afterwards[-1], evidence.value
    *_, cause, step = KINDS[evidence.expected["kind"]]
    if value is (exchange.status == 201):
        return None
    given = f"{evidence.arguments['target_url']} and {', '.join(evidence.arguments['addresses']) or 'no address'}"
    return wrong(cause, exchange, expected=f"{not value} for {given}", seen=f"{value} for {given}", next_step=step)


MAY_DELIVER = Exercise(
    "webhooks.may_deliver",
    "Refuse what leads inside",
    3,
    (
        "Two questions: what does the URL say (`urlsplit`), and what kind of addresses are these "
        "(`ipaddress.ip_address`)? One bad address among several is enough to say no.",
        "`urlsplit(target_url)` has a `scheme` and a `username`. An address has `is_global` and `is_multicast`, and in "
        "IPv6 `ipv4_mapped`, which is the IPv4 address inside it, or None.",
        "False unless the scheme is https, the username None, and there is an address. Then for each: take its "
        "`getattr(address, 'ipv4_mapped', None)` if there is one, and say False if it is not global or is multicast.",
    ),
    _scenes,
    _judge,
)
