"""Answers to `webhooks.may_deliver`."""

import ipaddress
import re
from ipaddress import ip_address, ip_network
from urllib.parse import urlparse, urlsplit

from course_support.backends import targets
from tests.exercises.answers.answer import Answers

may_deliver = Answers("webhooks.may_deliver")


@may_deliver.right
def as_the_processor_itself(target_url, addresses):
    return targets.refusal(target_url, lambda name: addresses) is None


INSIDE = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
    "224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10", "ff00::/8",
]  # fmt: skip


@may_deliver.right
def a_list_of_networks(target_url, addresses):
    if not re.match(r"https://[^/?#@]+([/?#]|$)", target_url):
        return False
    plain = [ip_address(it.removeprefix("::ffff:")) for it in addresses]
    return bool(plain) and not any(it in ip_network(block) for it in plain for block in INSIDE)


def by_its_kind(address):
    inner = getattr(address, "ipv4_mapped", None)
    if inner:
        return by_its_kind(inner)
    return address.is_global and not address.is_multicast


@may_deliver.right
def one_address_after_the_other(target_url, addresses):
    parts = urlparse(target_url)
    if parts.scheme != "https" or parts.username or parts.password or "@" in parts.netloc:
        return False
    return len(addresses) > 0 and all(map(by_its_kind, map(ip_address, addresses)))


def decided(url_is_fine=lambda url: url.scheme == "https" and url.username is None, fine=by_its_kind, these=all):
    """An answer that goes amiss in one part."""

    def answer(target_url, addresses):
        if not addresses or not url_is_fine(urlsplit(target_url)):
            return False
        return these(fine(ip_address(address)) for address in addresses)

    return answer


def refused(text):
    return lambda e: e.status == 422 and text in e.response.body


@may_deliver.wrong("You would deliver by http", refused(b"https"))
def any_scheme(target_url, addresses):
    return decided(lambda url: url.username is None)(target_url, addresses)


@may_deliver.wrong("looks like one host and leads to another", refused(b"user name"))
def passwords_alone(target_url, addresses):
    return decided(lambda url: url.scheme == "https" and url.password is None)(target_url, addresses)


@may_deliver.wrong("with a name and a password in it", refused(b"user name"))
def names_alone(target_url, addresses):
    return decided(lambda url: url.scheme == "https" and (not url.username or url.password))(target_url, addresses)


@may_deliver.wrong("for a port or for an @ in its path", lambda e: e.status == 201 and b"@" in e.request.body)
def no_sign_anywhere(target_url, addresses):
    return "@" not in target_url and decided()(target_url, addresses)


@may_deliver.wrong("that has no address at all", refused(b"no address"))
def all_of_nothing(target_url, addresses):
    url = urlsplit(target_url)
    return url.scheme == "https" and url.username is None and all(map(by_its_kind, map(ip_address, addresses)))


@may_deliver.wrong("the first of its addresses is public", refused(b"10."))
def the_first_address_alone(target_url, addresses):
    return decided()(target_url, addresses[:1])


@may_deliver.wrong("the last of its addresses is public", refused(b"192.168."))
def the_last_address_alone(target_url, addresses):
    return decided()(target_url, addresses[-1:])


@may_deliver.wrong("providers use inside their networks", refused(b"shared"))
def what_is_not_private(target_url, addresses):
    def fine(address):
        address = getattr(address, "ipv4_mapped", None) or address
        return not address.is_private and not address.is_multicast

    return decided(fine=fine)(target_url, addresses)


@may_deliver.wrong("to a multicast address of IPv6", refused(b"multicast"))
def what_python_calls_global(target_url, addresses):
    return decided(fine=lambda it: (getattr(it, "ipv4_mapped", None) or it).is_global)(target_url, addresses)


@may_deliver.wrong("to a multicast address.", refused(b"multicast"))
def multicast_of_ipv6_alone(target_url, addresses):
    def fine(address):
        return by_its_kind(address) or (address.version == 4 and address.is_global)

    return decided(fine=fine)(target_url, addresses)


@may_deliver.wrong("in IPv6's clothes", refused(b"is not one"))
def no_look_under_the_clothes(target_url, addresses):
    return decided(fine=lambda it: (it.version == 6 and it.ipv4_mapped is not None) or by_its_kind(it))(
        target_url, addresses
    )


@may_deliver.wrong("whose first digits look like those of a private one", lambda e: e.status == 201)
def digits_of_texts(target_url, addresses):
    begins = ("10.", "11.", "100.", "127.", "126.", "169.", "172.", "192.", "0.", "2", "::", "f")
    return decided()(target_url, addresses) and not any(it.startswith(begins) and ":" not in it for it in addresses)


@may_deliver.wrong("public addresses in IPv6 and IPv4", lambda e: e.status == 201)
def ipv4_alone(target_url, addresses):
    return decided(fine=lambda it: it.version == 4 and by_its_kind(it))(target_url, addresses)


@may_deliver.wrong("the processor's own machine", refused(b"loopback"))
def loopback_forgotten(target_url, addresses):
    return decided(fine=lambda it: by_its_kind(it) or (it.version == 4 and it.is_loopback))(target_url, addresses)


@may_deliver.wrong("credentials", refused(b"link-local"))
def link_local_forgotten(target_url, addresses):
    return decided(fine=lambda it: by_its_kind(it) or it.is_link_local)(target_url, addresses)


@may_deliver.wrong("0.0.0.0", refused(b"0.0.0.0"))
def the_unspecified_one_forgotten(target_url, addresses):
    return decided(fine=lambda it: by_its_kind(it) or it.is_unspecified)(target_url, addresses)


@may_deliver.wrong("an address in a private network", refused(b"private"))
def a_network_cut_too_short(target_url, addresses):
    blocks = [ip_network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
    return decided(fine=lambda it: by_its_kind(it) or any(it in block for block in blocks))(target_url, addresses)


@may_deliver.wrong("You refused a shop with a public address", lambda e: e.status == 201)
def nobody(target_url, addresses):
    return False


@may_deliver.wrong("raised ValueError", None, "crashed")
def a_host_taken_for_an_address(target_url, addresses):
    return ipaddress.ip_address(urlsplit(target_url).hostname).is_global
