"""Bearer tokens (RFC 6750): who is asking, and what that token may do."""

import hmac
import random
from collections.abc import Collection, Mapping

from starlette.requests import Request

from course_support.backends.problem import Problem


def tokens(seed: int, *labels: str) -> dict[str, str]:
    """One opaque token for each label: the same for the same seed, so that a restarted service still knows them."""
    return {label: f"{random.Random(f'{label} {seed}').getrandbits(160):040x}" for label in labels}


def authorize(request: Request, scope: str, *, realm: str, scopes: Mapping[str, Collection[str]]) -> str:
    """The label of the token that came with the request, once it is known and covers the scope.

    `request.app.state.credentials` maps labels to tokens, `scopes` maps labels to what they may do.
    Raises a Problem: 401 for no or an unknown token, 403 for one that does not reach (RFC 6750, section 3).
    """
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    sent = sent.strip()
    challenge = f'Bearer realm="{realm}"'
    if scheme.lower() != "bearer" or not sent:
        detail = "Send an Authorization field with the scheme Bearer and your token."
        raise Problem(401, detail, headers={"WWW-Authenticate": challenge})
    # Every token is compared in constant time: how long the answer takes must not tell how much of a guess is right.
    known: dict[str, str] = request.app.state.credentials
    found = [label for label, token in known.items() if hmac.compare_digest(token.encode(), sent.encode())]
    if not found:
        challenge += ', error="invalid_token"'
        raise Problem(401, "Send a token that this service issued.", headers={"WWW-Authenticate": challenge})
    if scope not in scopes[found[0]]:
        challenge += f', error="insufficient_scope", scope="{scope}"'
        detail = f"Use a token that may {scope}: this one is known, and it may not."
        raise Problem(403, detail, headers={"WWW-Authenticate": challenge})
    return found[0]
