"""Kubernetes settings that do not require a trusted repository."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Trigger, Value, pipeline_events


class ServiceAccount(Rule):
    """A Kubernetes pipeline sets its own service account, namespace, node or tolerations.

    The Kubernetes runner does not require a trusted repository for these settings: a pull request can name any service account of the namespace and use its permissions, or run its pod on
    any node.

    Set these in the runner's policy (`DRONE_POLICY_FILE`), and give the service accounts of its namespace no permissions. `service_account_name` is a warning; the
    others are notices, or warnings where pull requests can run the pipeline.
    """

    name = "service-account"
    confidence = Confidence.MEDIUM
    why = "the Kubernetes runner does not require a trusted repository for this: a pull request can choose another value"
    help = "set it in the runner's policy (`DRONE_POLICY_FILE`)"
    references = (OWASP.CICD_SEC_5, CWE(250))
    trigger = Trigger(keys=("service_account_name", "metadata", "node_name", "tolerations"))

    bad = (
        """
        kind: pipeline
        type: kubernetes
        name: default
        service_account_name: deployer  # <- service-account
        node_name: node-1  # <- service-account
        metadata:
          namespace: production  # <- service-account
        tolerations:  # <- service-account
        - {operator: Exists}
        """,
        Jsonnet("""
        {
          kind: 'pipeline',
          type: 'kubernetes',
          name: 'default',
          service_account_name: 'deployer',  // <- service-account
        }
        """),
    )
    good = (
        """
        kind: pipeline
        type: kubernetes
        name: default
        service_account_name: ""
        metadata: {labels: {a: b}}
        tolerations: []
        node_selector: {disk: ssd}
        ---
        kind: pipeline
        type: docker
        name: docker
        service_account_name: deployer
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type != "kubernetes":
            return
        open_to_all = "pull_request" in pipeline_events(pipeline) and not self.settings.server.ignore_pull_requests
        for path, what in _CHOICES:
            value = pipeline.value.at(*path)
            if value is None or not _filled(value):
                continue
            warn = open_to_all or path == ("service_account_name",)
            message = f"{pipeline.title} sets its {what}" + (f" `{value.text}`" if value.is_scalar else "")
            if open_to_all:
                message += ", and pull requests can run it"
            yield self.finding(value.key, message, severity=Severity.WARNING if warn else Severity.NOTICE)


_CHOICES = (
    (("service_account_name",), "service account"),
    (("metadata", "namespace"), "namespace"),
    (("node_name",), "node"),
    (("tolerations",), "tolerations"),
)


def _filled(value: Value) -> bool:
    return bool(value.text) if value.is_scalar else any(True for _ in value) or any(True for _ in value.items())
