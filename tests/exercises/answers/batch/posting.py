"""One batch on its way, as most answers to the batch exercises send it."""

import requests

AT = "/api/v1/contacts/batch"


def post(url, token, contacts, options=None, **fields):
    """Keywords are header fields, where `_` stands for `-`."""
    content = {"operation": "create", "contacts": contacts} | ({"options": options} if options else {})
    headers = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): fields[name] for name in fields}
    return requests.post(url + AT, json=content, headers=headers)


def brought(exchange):
    """The contacts in a request."""
    return exchange.request.json()["contacts"]
