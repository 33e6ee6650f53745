# queueproof as an image: the gate, the reference systems, chaos runs. Small, and not root.
#
#   docker build -t queueproof .
#   docker run --rm queueproof gate --only streaming
ARG PYTHON_IMAGE=python:3.13-slim
ARG TOXIPROXY_IMAGE=ghcr.io/shopify/toxiproxy:2.12.0

FROM ${TOXIPROXY_IMAGE} AS toxiproxy

FROM ${PYTHON_IMAGE} AS build
COPY . /source
RUN python -m venv /opt/queueproof \
    && /opt/queueproof/bin/pip install --no-cache-dir "/source[reference,containers,postgres]" \
    && /opt/queueproof/bin/pip uninstall --yes pip

FROM ${PYTHON_IMAGE}
COPY --from=toxiproxy /toxiproxy /usr/local/bin/toxiproxy-server
COPY --from=build /opt/queueproof /opt/queueproof
ENV PATH=/opt/queueproof/bin:$PATH HOME=/work PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# Whoever it is run as may write here: reports, and what a volume shares.
RUN mkdir -m 1777 /work /shared
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["queueproof"]
CMD ["gate"]
