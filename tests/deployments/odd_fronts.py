"""Fronts with settings that people have: they close, limit, retry, mark or cut what passes."""

from __future__ import annotations

from .fronts import KEPT, Front, caddy, haproxy, nginx
from .serving import HEADER

#: Less than a job of ours is silent for.
_SHORT = "3s"
#: So many at once, by whatever counts them.
_AT_ONCE = 5

HAPROXY_REUSES = Front(
    "haproxy reuses", "haproxy", "requests", haproxy("http", "http-reuse always")
)
HAPROXY_CLOSES = Front(
    "haproxy closes", "haproxy", "requests", haproxy("http", frontend="option httpclose")
)
HAPROXY_CLOSES_BEHIND = Front(
    "haproxy closes behind", "haproxy", "requests", haproxy("http", "option http-server-close")
)
HAPROXY_CUTS = Front(
    "haproxy cuts", "haproxy", "requests", haproxy("http", f"timeout server {_SHORT}")
)
HAPROXY_QUEUES = Front(
    "haproxy queues",
    "haproxy",
    "requests",
    haproxy("http", "timeout queue 30s", f"maxconn {_AT_ONCE}"),
)
CADDY_STICKY = Front("caddy sticky", "caddy", "sessions", caddy("cookie"))

NGINX_CUTS = Front("nginx cuts", "nginx", "requests", nginx(f"{KEPT} proxy_read_timeout {_SHORT};"))
NGINX_COUNTS = Front(
    "nginx counts",
    "nginx",
    "requests",
    nginx(
        f"{KEPT} limit_conn all {_AT_ONCE};",
        zones="limit_conn_zone $binary_remote_addr zone=all:1m;",
    ),
)
NGINX_GZIP = Front(
    "nginx gzip",
    "nginx",
    "requests",
    nginx(f"{KEPT} gzip on; gzip_proxied any; gzip_types *; gzip_min_length 1;"),
)
NGINX_MARKS = Front(
    "nginx marks", "nginx", "requests", nginx(f"{KEPT} add_header {HEADER} front always;")
)
NGINX_RETRIES = Front(
    "nginx retries",
    "nginx",
    "requests",
    nginx(f"{KEPT} proxy_read_timeout 4s; proxy_next_upstream error timeout non_idempotent;"),
)
NGINX_CLOSES = Front(
    "nginx closes",
    "nginx",
    "addresses",
    nginx(f"{KEPT} keepalive_requests 3;", upstream="ip_hash;"),
)

ODD_FRONTS = (
    HAPROXY_REUSES,
    HAPROXY_CLOSES,
    HAPROXY_CLOSES_BEHIND,
    HAPROXY_CUTS,
    HAPROXY_QUEUES,
    CADDY_STICKY,
    NGINX_CUTS,
    NGINX_COUNTS,
    NGINX_GZIP,
    NGINX_MARKS,
    NGINX_RETRIES,
    NGINX_CLOSES,
)
