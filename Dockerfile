# The command line as an image, which is a Drone plugin too: a step's `settings:` mean the same as the flags.
FROM python:3.12.7-slim-bookworm AS wheels
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY linter linter
COPY rules rules
COPY schemas schemas
ARG EXTRAS=""
RUN pip wheel --no-cache-dir --wheel-dir /wheels ".${EXTRAS}"

FROM python:3.12.7-slim-bookworm
RUN apt-get update && apt-get install --yes --no-install-recommends git shellcheck && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index /wheels/*.whl \
    && useradd --create-home --uid 1000 lint
USER 1000
WORKDIR /drone/src
ENTRYPOINT ["drone-lint"]
