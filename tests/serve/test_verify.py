"""Which requests are the server's: the recorded ones with their own clock, and no other."""

from __future__ import annotations

import base64
import random
from datetime import datetime, timezone

import pytest

from drone_lint.serve.request import MalformedError, parse_request
from drone_lint.serve.signature import Refused, verify
from serve.client import SECRET, body_of, headers_of, vector_parts

NOW = datetime(2026, 11, 25, 9, 2, 32, tzinfo=timezone.utc).timestamp()
SECRETS = {
    "good.http": SECRET,
    "config-with-findings.http": SECRET,
    "unicode-secret.http": "geheim-käse".encode(),
    "empty-secret.http": b"",
}


def at_date(headers):
    text = dict(headers)[b"date"].decode()
    return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=timezone.utc).timestamp()


def signed(body, secret=SECRET, at=NOW):
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers_of(body, secret, at).items()]


@pytest.mark.parametrize("name", SECRETS)
def test_a_recorded_request_verifies_with_its_own_secret_and_clock(name):
    headers, body = vector_parts(name)
    verify(headers, body, [SECRETS[name]], at_date(headers))


@pytest.mark.parametrize("name", SECRETS)
def test_a_recorded_request_is_refused_with_another_secret_an_hour_later_and_with_another_body(name):
    headers, body = vector_parts(name)
    at = at_date(headers)
    for secrets, content, now in (
        ([b"another secret of enough bytes"], body, at),
        ([SECRETS[name]], body, at + 3600),
        ([SECRETS[name]], body, at - 301),
        ([SECRETS[name]], body + b" ", at),
        ([SECRETS[name]], body.replace(b"push", b"tag"), at),
        ([], body, at),
    ):
        with pytest.raises(Refused):
            verify(headers, content, secrets, now)


def test_our_client_signs_as_the_recorded_one():
    headers, body = vector_parts("good.http")
    ours = dict(signed(body, SECRET, at_date(headers)))
    assert {name: value for name, value in headers if name in ours} == ours


def test_either_of_two_secrets_may_have_signed_while_they_are_changed():
    body = body_of("kind: pipeline\n")
    old, new = b"the old secret, which was long", b"the new secret, which is long"
    for secret in (old, new):
        verify(signed(body, secret), body, [new, old], NOW)


@pytest.mark.parametrize(
    ("change", "value"),
    [
        (b"signature", b""),
        (b"signature", b"Signature"),
        (b"signature", None),
        (b"date", b"Wed, 25 Nov 2026 09:02:32 UTC"),
        (b"date", b"2026-11-25T09:02:32Z"),
        (b"digest", b"SHA-256=" + base64.b64encode(bytes(32))),
        (b"digest", None),
        (b"content-type", b"text/plain"),
    ],
)
def test_a_header_that_is_changed_or_missing_is_refused(change, value):
    body = body_of("kind: pipeline\n")
    headers = [(name, text if name != change else value) for name, text in signed(body)]
    with pytest.raises(Refused):
        verify([(name, text) for name, text in headers if text is not None], body, [SECRET], NOW)


@pytest.mark.parametrize(
    "names", ["accept accept-encoding content-type date", "digest date", "content-type digest", "date digest content-type date"]
)
def test_a_signature_that_covers_too_little_is_refused_though_it_is_right(names):
    import hashlib
    import hmac

    body = body_of("kind: pipeline\n")
    found = dict(signed(body))
    text = "\n".join(f"{name}: {found[name.encode()].decode()}" for name in names.split()).encode()
    mac = base64.b64encode(hmac.new(SECRET, text, hashlib.sha256).digest()).decode()
    found[b"signature"] = f'keyId="hmac-key",algorithm="hmac-sha256",signature="{mac}",headers="{names}"'.encode()
    with pytest.raises(Refused):
        verify(list(found.items()), body, [SECRET], NOW)


@pytest.mark.parametrize("algorithm", ["hmac-sha1", "hmac-sha512", "rsa-sha256", ""])
def test_no_other_algorithm_is_taken(algorithm):
    body = body_of("kind: pipeline\n")
    headers = [(name, value.replace(b"hmac-sha256", algorithm.encode())) for name, value in signed(body)]
    with pytest.raises(Refused):
        verify(headers, body, [SECRET], NOW)


def test_a_header_given_twice_is_refused():
    body = body_of("kind: pipeline\n")
    with pytest.raises(Refused):
        verify([*signed(body), (b"date", dict(signed(body))[b"date"])], body, [SECRET], NOW)


def mutated(random_, headers, body):
    """A request with one change in what is signed: a byte of a header's value or of the body."""
    if random_.random() < 0.3:
        at = random_.randrange(len(body))
        return headers, body[:at] + bytes([body[at] ^ (1 << random_.randrange(8))]) + body[at + 1 :]
    number = random_.randrange(len(headers))
    name, value = headers[number]
    at = random_.randrange(len(value))
    other = value[:at] + random_.choice([b"", bytes([value[at] ^ (1 << random_.randrange(7))]), value[at : at + 1] * 2]) + value[at + 1 :]
    return [*headers[:number], (name, other), *headers[number + 1 :]], body


def test_no_mutated_request_is_accepted():
    random_ = random.Random(20261125)
    body = body_of("kind: pipeline\ntype: docker\nname: a\n")
    headers = signed(body)
    accepted = 0
    for _ in range(100_000):
        changed = mutated(random_, headers, body)
        if changed == (headers, body):
            continue
        try:
            verify(*changed, [SECRET], NOW)
        except Refused:
            continue
        accepted += 1
    assert accepted == 0


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "build is not an object"),
        (b'{"build": {}}', "repo is not an object"),
        (b'{"build": {"event": "push"}, "repo": {"trusted": "yes"}, "config": {}}', "trusted is not true or false"),
        (b'{"build": {"event": 1}, "repo": {}, "config": {}}', "event is not text"),
        (b'{"build": {"event": "pushed"}, "repo": {}, "config": {}}', "build.event is not an event"),
        (b'{"build": {"event": "push"}, "repo": {}, "config": {"data": []}}', "data is not text"),
    ],
)
def test_a_body_that_drone_would_not_send_is_told_apart(body, words):
    with pytest.raises(MalformedError, match=words):
        parse_request(body)


def test_fields_that_drone_never_fills_conclude_nothing():
    found = parse_request(body_of("", event="cron", deploy_to="production", cron="nightly"))
    assert (found.build.cron, found.build.target) == (None, None)
    assert parse_request(body_of("", event="promote", deploy_to="production")).build.target == "production"
    assert parse_request(body_of("", event="pull_request", source_repo="evil/hello")).from_fork
    assert not parse_request(body_of("", event="pull_request", source_repo="octo/hello")).from_fork
