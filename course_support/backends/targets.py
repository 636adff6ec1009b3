"""Where a processor must not send: who registers a webhook chooses what its servers connect to, its own intranet too.

That is server-side request forgery. `refusal` says why an address is refused, `target` where to connect if it is not.
"""

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Sequence[str]]  # a name in lower case -> its addresses, none if nothing is known of it

SHOP = "shop.localhost"  # the learner's own shop, the one name on loopback that is allowed
LOOPBACK = "127.0.0.1"
LONGEST = 2048  # characters of an address
# The names that a lesson needs: real DNS is never asked. Nothing ever connects to the public addresses; ones from the
# blocks for documentation would not do here, because a processor must not send to those.
NAMES = {
    "yourstore.com": ("93.184.215.14",),
    "otherstore.com": ("93.184.215.15", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"),
    "intranet.yourstore.com": ("10.0.0.7",),
    "metadata.yourstore.com": ("169.254.169.254",),
    "printer.yourstore.com": ("fd12:3456:789a::7",),
    "both.yourstore.com": ("93.184.215.14", "192.168.1.7"),
    "localhost": (LOOPBACK, "::1"),
}
# What the IANA registries of special-purpose addresses list as not globally reachable, and what is no unicast address.
# Two blocks are refused whole although single addresses in them are reachable: 192.0.0.0/24 and 2001::/23, where
# protocols live and no shop.
SPECIAL: dict[IPv4Network | IPv6Network, str] = {
    ip_network(block): purpose
    for block, purpose in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private use",
        "100.64.0.0/10": "shared address space",
        "127.0.0.0/8": "loopback",
        "169.254.0.0/16": "link-local",
        "172.16.0.0/12": "private use",
        "192.0.0.0/24": "protocol assignments",
        "192.0.2.0/24": "documentation",
        "192.88.99.0/24": "deprecated 6to4 relays",
        "192.168.0.0/16": "private use",
        "198.18.0.0/15": "benchmarking",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "255.255.255.255/32": "limited broadcast",
        "240.0.0.0/4": "reserved",
        "::/128": "unspecified",
        "::1/128": "loopback",
        "64:ff9b:1::/48": "translation inside a network",
        "100::/64": "discard-only",
        "2001::/23": "protocol assignments",
        "2001:db8::/32": "documentation",
        "3fff::/20": "documentation",
        "5f00::/16": "segment routing",
        "fc00::/7": "unique-local",
        "fe80::/10": "link-local",
        "ff00::/8": "multicast",
    }.items()
}
GLOBAL_UNICAST = ip_network("2000::/3")  # all that IANA gives out of IPv6 (its "IPv6 Address Space")
NAT64 = ip_network("64:ff9b::/96")  # RFC 6052, section 2.1


class Refused(ValueError):
    """Why nothing is sent to an address: one sentence that says what to do."""


@dataclass(frozen=True)
class Target:
    """Where to connect, and what to ask for there."""

    scheme: str
    authority: str  # host and port as the address has them: the value of `Host`
    host: str
    port: int
    path: str  # with the query
    address: str  # the one that was checked: a name may mean another one by the time of a second look


def resolve(name: str) -> Sequence[str]:
    """The addresses in `NAMES`. Every name below `localhost` is loopback (RFC 6761, section 6.3)."""
    return NAMES["localhost"] if name.endswith(".localhost") else NAMES.get(name, ())


def refusal(url: str, resolve: Resolve = resolve, allowed: str = SHOP) -> str | None:
    """Why a processor must not send to this URL, as one sentence that says what to do; None if it may.

    `allowed` is the one name that may be on loopback and go without TLS.
    """
    try:
        target(url, resolve, allowed)
    except Refused as refused:
        return str(refused)
    return None


def target(url: str, resolve: Resolve = resolve, allowed: str = SHOP) -> Target:
    """Where the URL leads, the name looked up once. Raises Refused, as `refusal` tells."""
    scheme, authority, path = _parts(url)
    host, port = _host_and_port(authority, scheme)
    if host == allowed:
        return Target(scheme, authority, host, port, path, LOOPBACK)
    if scheme != "https":
        raise Refused("Choose an https address: what is sent in the clear can be read and changed on its way.")
    addresses = _addresses(host, resolve)
    for address in addresses:
        if purpose := special(address):
            raise Refused(f"Choose a public address: {_unwrapped(address)} is not one ({purpose}).")
    return Target(scheme, authority, host, port, path, str(addresses[0]))


def special(address: Address) -> str | None:
    """What an address is for that is not global unicast; None for one that is. What it wraps is what counts."""
    address = _unwrapped(address)
    for network, purpose in SPECIAL.items():
        if address in network:
            return purpose
    return "not global unicast" if address.version == 6 and address not in GLOBAL_UNICAST else None


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address leads to: IPv4-mapped, NAT64 or 6to4; otherwise the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme, authority and path with query. Stricter than RFC 3986, as what two parsers read differently is a hole."""
    if len(url) > LONGEST or not re.fullmatch(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", url):
        raise Refused(f"Write the address in at most {LONGEST} characters that RFC 3986 allows in a URL.")
    found = re.fullmatch(r"(https?)://([^/?#]+)([^#]*)(#.*)?", url, re.IGNORECASE)
    if not found:
        raise Refused("Send a whole address, such as https://yourstore.com/webhooks/payments.")
    scheme, authority, path, fragment = found.groups()
    if "@" in authority:
        raise Refused("Leave out the user name and the password: a signature proves who is sending.")
    if fragment:
        raise Refused("Leave out the fragment: it is never sent.")
    return scheme.lower(), authority, path if path.startswith("/") else f"/{path}"


def _host_and_port(authority: str, scheme: str) -> tuple[str, int]:
    """The host in lower case, without a final dot; an IPv6 address in its brackets."""
    found = re.fullmatch(r"(\[[0-9a-f:.]+\]|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.?)(?::([0-9]{0,5}))?", authority.lower())
    port = int(found[2] or {"http": 80, "https": 443}[scheme]) if found else 0
    if not found or not 1 <= port <= 65535:
        raise Refused("Write the host as a name or an IP address, and the port as a number from 1 to 65535.")
    return found[1].removesuffix("."), port


def _addresses(host: str, resolve: Resolve) -> list[Address]:
    try:
        if host.startswith("["):
            return [IPv6Address(host[1:-1])]
        if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", host.rpartition(".")[2]):  # no name ends like that (RFC 3696, section 2)
            # 2130706433, 0x7f.1 and 0177.0.0.1 all are 127.0.0.1 to inet_aton, and so to most that connect.
            return [IPv4Address(socket.inet_aton(host))]
    except (ValueError, OSError):
        raise Refused("Correct the IP address: this is none.") from None
    if found := [ip_address(address) for address in resolve(host)]:
        return found
    raise Refused(f"Check the name: {host} has no address.")
