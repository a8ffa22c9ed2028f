"""Host names and name servers that a Kubernetes pipeline sets itself."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, Confidence, Finding, Jsonnet, Pipeline, Rule, Severity, Trigger, pipeline_events


class HostAliasWithoutTrust(Rule):
    """A Kubernetes pipeline sets its own host names or name servers.

    `host_aliases` and `dns_config` decide which servers the build contacts for registries and packages. The Docker runner refuses the equivalent settings in untrusted repositories;
    the Kubernetes runner does not, so a pull request can redirect the build to another server.

    Configure name resolution in the cluster. The finding is a notice, or a warning where pull requests can run the pipeline.
    """

    name = "host-alias-without-trust"
    severity = Severity.NOTICE
    confidence = Confidence.MEDIUM
    why = "the Kubernetes runner does not require a trusted repository for this: a pull request can redirect the build to another server"
    help = "configure name resolution in the cluster instead"
    references = (CWE(250), CWE(350))
    trigger = Trigger(keys=("host_aliases", "dns_config"))

    bad = (
        """
        kind: pipeline
        type: kubernetes
        name: default
        host_aliases:  # <- host-alias-without-trust
        - {ip: 10.0.0.1, hostnames: [registry.example.com]}
        dns_config:  # <- host-alias-without-trust
          nameservers: [10.0.0.2]
        """,
        Jsonnet("""
        {
          kind: 'pipeline',
          type: 'kubernetes',
          name: 'default',
          dns_config: { nameservers: ['10.0.0.2'] },  // <- host-alias-without-trust
        }
        """),
    )
    good = (
        """
        kind: pipeline
        type: kubernetes
        name: default
        host_aliases: []
        dns_config: {}
        ---
        kind: pipeline
        type: docker
        name: docker
        host_aliases: [{ip: 10.0.0.1, hostnames: [a]}]
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if pipeline.type != "kubernetes":
            return
        open_to_all = "pull_request" in pipeline_events(pipeline) and not self.settings.server.ignore_pull_requests
        for key in ("host_aliases", "dns_config"):
            value = pipeline.get(key)
            if value is None or not (any(True for _ in value) or any(True for _ in value.items())):
                continue
            message = f"{pipeline.title} sets `{key}`" + (", and pull requests can run it" if open_to_all else "")
            yield self.finding(value.key, message, severity=Severity.WARNING if open_to_all else Severity.NOTICE)
