"""What looks like a secret, and what only nearly does: one row a text. No text here is or was a real secret."""

from __future__ import annotations

import pytest

from drone_lint_rules.secrets._shapes import is_elsewhere, is_login, is_placeholder, names_secret, tokens_in

_HEX = "0123456789abcdef" * 4
_MIX = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6lM9oR2tU5xA8" * 4


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("an AWS access key", "AKIA2E0A8F3B244C9986"),
        ("a temporary AWS access key", "ASIA2E0A8F3B244C9986"),
        ("a GitHub token", "ghp_" + _MIX[:36]),
        ("a GitHub token", "ghs_" + _MIX[:40]),
        ("a GitHub fine-grained token", "github_pat_" + _MIX[:82]),
        ("a GitLab token", "glpat-" + _MIX[:20]),
        ("a GitLab token", "glrt-" + _MIX[:20]),
        ("a Bitbucket app password", "ATBB" + _MIX[:28]),
        ("an Atlassian token", "ATATT3" + _MIX[:180]),
        ("a Slack token", "xoxb-1234567890-" + _MIX[:24]),
        ("a Slack webhook", "https://hooks.slack.com/services/T01ABCDEF/B01ABCDEF/" + _MIX[:24]),
        ("a Discord webhook", "https://discord.com/api/webhooks/987654321987654321/" + _MIX[:68]),
        ("a Telegram bot token", "123456789:AA" + _MIX[:33]),
        ("a Google API key", "AIza" + _MIX[:35]),
        ("an Azure storage key", "AccountName=a;AccountKey=" + _MIX[:86] + "=="),
        ("a DigitalOcean token", "dop_v1_" + _HEX),
        ("a Netlify token", "nfp_" + _MIX[:36]),
        ("a Stripe key", "sk_live_" + _MIX[:24]),
        ("a Shopify token", "shpat_" + _HEX[:32]),
        ("a SendGrid key", "SG." + _MIX[:22] + "." + _MIX[:43]),
        ("a Twilio key", "SK" + _HEX[:32]),
        ("an npm token", "npm_" + _MIX[:36]),
        ("an npm registry login", "//npm.example.com/:_authToken=" + _MIX[:36]),
        ("a PyPI token", "pypi-AgE" + _MIX[:80]),
        ("a Docker Hub token", "dckr_pat_" + _MIX[:27]),
        ("a login of a container registry", '{"auths":{"r.example.com":{"auth":"Y2k6aHVudGVyMg=="}}}'),
        ("a HashiCorp Vault token", "hvs." + _MIX[:90]),
        ("a Terraform Cloud token", _MIX[:14] + ".atlasv1." + _MIX[:67]),
        ("a Databricks token", "dapi" + _HEX[:32]),
        ("a Grafana token", "glsa_" + _MIX[:32] + "_1a2b3c4d"),
        ("a New Relic key", "NRAK-" + _MIX[:27]),
        ("a Sentry token", "sntryu_" + _HEX),
        ("a SonarQube token", "sqp_" + _HEX[:40]),
        ("an OpenAI or Anthropic key", "sk-proj-" + _MIX[:60]),
        ("a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow" + _MIX + "\n-----END RSA PRIVATE KEY-----"),
        ("a private key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\nlQOYBF" + _MIX),
        ("a private key", r"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEI" + _MIX),
        ("a JSON Web Token", "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJjaSJ9." + _MIX[:43]),
        ("a credential in a header", "Authorization: Bearer " + _MIX[:32]),
        ("a password in a URL", "https://ci:hunter2@git.example.com/app.git"),
        ("a password of a .netrc file", "machine git.example.com login ci password hunter2"),
        ("a password in a URL", "redis://:hunter2@cache:6379"),
    ],
)
def test_a_token_is_known_by_its_shape(title: str, text: str):
    assert [token.title for token in tokens_in(f'before "{text}" after')] == [title]


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "AKIAXXXXXXXXXXXXXXXX",
        "XAKIA2E0A8F3B244C9986",
        "ghp_short",
        "ghp_" + "x" * 36,
        "github.com/acme/ghp_tools",
        "sk-a-branch-name-in-kebab-case-which-is-rather-long",
        "-----BEGIN PUBLIC KEY-----\nMIIBIj" + _MIX,
        "-----BEGIN CERTIFICATE-----\nMIIBIj" + _MIX,
        "-----BEGIN RSA PRIVATE KEY-----\n<your key>\n-----END RSA PRIVATE KEY-----",
        "grep -- '-----BEGIN PRIVATE KEY-----' key.pem",
        "Authorization: Bearer $TOKEN",
        "Authorization: token ${TOKEN}",
        "machine git.example.com login ci password $TOKEN",
        "https://$USER:$TOKEN@git.example.com/app.git",
        "https://${USER}:${TOKEN}@git.example.com",
        "https://<user>:<password>@git.example.com",
        "https://user:xxxx@git.example.com",
        "https://git.example.com:8080/a@b",
        "git@github.com:acme/app.git",
        "golang@sha256:" + _HEX,
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "550e8400-e29b-41d4-a716-446655440000",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0." + _MIX[:43],
    ],
)
def test_what_only_looks_like_a_token_is_none(text: str):
    assert tokens_in(f'before "{text}" after') == []


@pytest.mark.parametrize(
    "key",
    [
        "password", "PASSWORD", "DB_PASS", "MYSQL_PWD", "PGPASSWORD", "dbPassword", "passphrase", "api_key", "API_KEYS", "apikey", "githubToken", "token", "AUTH_TOKEN",
        "client_secret", "secret", "secret_key", "AWS_SECRET_ACCESS_KEY", "access_key", "private_key", "deploy_key", "ssh_key", "credentials", "SIGNING_KEY",
    ],
)  # fmt: skip
def test_a_name_says_secret(key: str):
    assert names_secret(key)


@pytest.mark.parametrize(
    "key",
    [
        "key", "cache_key", "KEY_ID", "AWS_ACCESS_KEY_ID", "public_key", "SSH_PUBLIC_KEY", "PASSWORD_FILE", "password_policy", "TOKEN_URL", "token_type", "secret_name",
        "SECRET_PATH", "PASSWORD_HASH", "PASSWORD_SHA256", "MONKEY", "KEYBOARD", "COMPASS", "BYPASS", "PASS_THROUGH", "use_token", "author", "username", "TOKENIZER",
        "PASSWORD_MIN_LENGTH", "no_password", "secrets_manager",
    ],
)  # fmt: skip
def test_a_name_near_those_does_not(key: str):
    assert not names_secret(key)


@pytest.mark.parametrize(
    "value",
    [
        "changeme", "<token>", "xxx", "XXXXXXXX", "********", "$TOKEN", "${TOKEN}", "$${TOKEN}", "$(cat token)", "prefix-${TOKEN}", "{{ .token }}", "{{token}}", "%TOKEN%", "@token@",
        "__TOKEN__", "[token]", "your-token", "your_api_key", "REPLACE_ME", "insert-token-here", "todo", "none", "null", "true", "ab", "",
    ],
)  # fmt: skip
def test_a_placeholder_is_no_secret(value: str):
    assert is_placeholder(value)


@pytest.mark.parametrize("value", ["hunter2", "pa$$w0rd9", "P4$word", "k3jh4k5j6h7k", "correct horse battery staple", "83610274", "a{b}c"])
def test_a_password_is_no_placeholder(value: str):
    assert not is_placeholder(value)


@pytest.mark.parametrize(
    "value",
    ["/run/secrets/x", "./key", "~/.ssh/id_rsa", "id_ed25519", "key.pem", "account.json", "https://example.com/token", "GITHUB_TOKEN", "id=npm,env=NPM", "vault:a#b", "op://a/b"],
)  # fmt: skip
def test_a_value_can_say_where_the_secret_is(value: str):
    assert is_elsewhere(value)


def test_a_login_is_told_from_the_name_of_a_method():
    assert all(is_login("auth", value) for value in ("dXNlcjpwYXNz", "ci:hunter2", "hunter2", "k3jh4k5j6h7k"))
    assert not any(is_login("auth", value) for value in ("basic", "bearer", "cram-md5", "kubernetes", "true", ""))
    assert not is_login("author", "hunter2x")
