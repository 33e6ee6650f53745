"""A token that somebody has changed is none
(completes `Langflow 1.10, "Deploy Langflow with multiple workers"`, Verify cross-worker
cancellation).

A token that is no token at all is refused by everything that can read tokens. These can be read:
they say what the user's own says, and only who signed them is another.
"""

from __future__ import annotations

import base64
import json

from queueproof.case import (
    Inconclusive,
    Kind,
    NotAssessed,
    Role,
    System,
    Worker,
    expect_that,
    require_answer,
    requirement,
)
from queueproof.redaction import known_secrets
from queueproof.targets.langflow.any_request import adapter_of, ask
from queueproof.targets.langflow.wire import submit_path

_NOT_LET_IN = (401, 403)
_PARTS = 3


@requirement("ACCS-005", contracts=("langflow",))
async def test_a_submit_with_the_users_token_but_another_signature_is_refused(
    target: System, workers: tuple[Worker, ...]
) -> None:
    """A changed signature, and none: the user's own token is let in, and these are not."""
    token = adapter_of(target).token_of(Role.USER)
    if not token:
        raise NotAssessed("needs a login: an API key says nothing that could be changed")
    path, wrong = submit_path(adapter_of(target).flow_id), list[str]()
    for worker in dict.fromkeys((workers[0], workers[-1])):
        own = await ask(target, "POST", path, via=worker, sending={"json": {}})
        require_answer(own, Kind.SUCCESS, to=f"the user's own submit on worker {worker}")
        for what, forged in _changed(token).items():
            known_secrets.learn(forged)
            reply = await ask(target, "POST", path, via=worker, token=forged, sending={"json": {}})
            if not reply.answered:
                raise Inconclusive(f"a submit with {what} was not answered: {reply.detail}")
            if reply.status not in _NOT_LET_IN:
                wrong.append(f"{what}: {reply.status} (worker {worker})")

    expect_that(
        not wrong,
        expected="a submit refused (401 or 403) with the user's token, once it was changed",
        actual="; ".join(wrong),
    )


def _changed(token: str) -> dict[str, str]:
    """The token as others could have made it: what was changed -> the token."""
    body, _, signature = token.rpartition(".")
    # The first character: the last one of a signature may hold bits that mean nothing.
    changed = {"another signature": f"{body}.{'B' if signature[:1] == 'A' else 'A'}{signature[1:]}"}
    parts = token.split(".")
    if len(parts) != _PARTS:
        return {"another character": changed["another signature"].lstrip(".")}
    unsigned = json.dumps({"alg": "none", "typ": "JWT"}).encode()
    header = base64.urlsafe_b64encode(unsigned).rstrip(b"=").decode()
    return {**changed, "no signature": f"{header}.{parts[1]}."}
