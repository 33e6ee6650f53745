"""What stands in front of a deployment: nginx, HAProxy and Caddy, as people run them.

A front is a function that writes its configuration for the ports behind it and says with which
command it starts. All listen on loopback, in the foreground, in a folder of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from queueproof.stack.ports import free_port
from tests.readiness import answers

from .serving import READY, end

_NGINX_STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
_APACHE_MODULES = Path("/usr/lib/apache2/modules")
_READY_S = 30.0

#: HTTP/1.1 to the servers, by connections that are kept, and no answer held back.
KEPT = 'proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;'

#: From a folder, the port to serve at and the ports behind to the command that starts it.
Configure = Callable[[Path, int, Sequence[int]], list[str]]


@dataclass(frozen=True)
class Front:
    """One kind of front; `balances` is what it hands out in turn: requests or connections."""

    name: str
    program: str
    balances: str
    configure: Configure

    def __str__(self) -> str:
        return self.name.replace(" ", "-")

    def lacks(self) -> str:
        """What this machine lacks to run it; empty when nothing."""
        if shutil.which(self.program) is None:
            return f"{self.program} is not installed"
        if self.name == "nginx stream" and not _NGINX_STREAM.exists():
            return "nginx has no stream module here (libnginx-mod-stream)"
        return ""

    @contextmanager
    def before(self, ports: Sequence[int], folder: Path, *, ready: str = READY) -> Iterator[str]:
        """Run it in front of servers on these ports, which serve the path `ready`; its URL."""
        port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        command = self.configure(folder, port, ports)
        with (folder / "front.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            _wait_for(f"http://127.0.0.1:{port}{ready}", process, folder / "front.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            end(process)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        if answers(url):
            return
        time.sleep(0.05)
    raise AssertionError(f"the front does not serve: {log.read_text('utf-8')}")


# -- nginx ---------------------------------------------------------------------------------


def _nginx(folder: Path, body: str, *, top: str = "") -> list[str]:
    path = folder / "nginx.conf"
    # Started as root its workers would be nobody, who may not write in a test's folder.
    user = "user root; " if os.geteuid() == 0 else ""
    path.write_text(
        f"{user}daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 2;\n{top}\n"
        f"events {{ worker_connections 512; }}\n{body}\n",
        "utf-8",
    )
    return ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(path)]


def _nginx_http(
    folder: Path, port: int, ports: Sequence[int], *, upstream: str, how: str, zones: str = ""
) -> str:
    servers = " ".join(f"server 127.0.0.1:{one};" for one in ports)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"http {{ access_log off; {folders} {zones}\n"
        f"upstream deployment {{ {servers} {upstream} }}\n"
        f"server {{ listen 127.0.0.1:{port}; "
        f"location / {{ proxy_pass http://deployment; {how} }} }} }}"
    )


def nginx(how: str = KEPT, *, upstream: str = "keepalive 32;", zones: str = "") -> Configure:
    """An nginx that hands requests on as `how` says; `zones` stand beside its server."""

    def configure(folder: Path, port: int, ports: Sequence[int]) -> list[str]:
        body = _nginx_http(folder, port, ports, upstream=upstream, how=how, zones=zones)
        return _nginx(folder, body)

    return configure


def _nginx_limit(status: int) -> Configure:
    """Ten requests a second and twenty more in a burst; whatever is beyond gets `status`."""
    return nginx(
        f"{KEPT} limit_req zone=all burst=20 nodelay; limit_req_status {status};",
        zones="limit_req_zone $binary_remote_addr zone=all:1m rate=10r/s;",
    )


def _nginx_stream(folder: Path, port: int, ports: Sequence[int]) -> list[str]:
    servers = " ".join(f"server 127.0.0.1:{one};" for one in ports)
    body = (
        f"stream {{ upstream deployment {{ {servers} }} "
        f"server {{ listen 127.0.0.1:{port}; proxy_pass deployment; }} }}"
    )
    return _nginx(folder, body, top=f"load_module {_NGINX_STREAM};")


# -- HAProxy, Caddy ------------------------------------------------------------------------


def haproxy(mode: str, backend: str = "", server: str = "", frontend: str = "") -> Configure:
    """A HAProxy in this mode, with more directives of its two ends and of each server."""

    def configure(folder: Path, port: int, ports: Sequence[int]) -> list[str]:
        servers = "\n".join(
            f"  server s{number} 127.0.0.1:{one} {server.format(number=number)}"
            for number, one in enumerate(ports)
        )
        path = folder / "haproxy.cfg"
        path.write_text(
            f"defaults\n  mode {mode}\n  timeout connect 5s\n  timeout client 300s\n"
            f"  timeout server 300s\nfrontend front\n  bind 127.0.0.1:{port}\n  {frontend}\n"
            f"  default_backend deployment\nbackend deployment\n  balance roundrobin\n"
            f"  {backend}\n{servers}\n",
            "utf-8",
        )
        return ["haproxy", "-db", "-f", str(path)]

    return configure


def caddy(policy: str) -> Configure:
    """A Caddy that chooses servers so."""

    def configure(folder: Path, port: int, ports: Sequence[int]) -> list[str]:
        path = folder / "Caddyfile"
        servers = " ".join(f"127.0.0.1:{one}" for one in ports)
        path.write_text(
            f"{{\n  admin off\n  auto_https off\n  storage file_system {folder}/caddy\n}}\n"
            f"http://127.0.0.1:{port} {{\n  bind 127.0.0.1\n"
            f"  reverse_proxy {servers} {{\n    lb_policy {policy}\n  }}\n}}\n",
            "utf-8",
        )
        return ["caddy", "run", "--config", str(path), "--adapter", "caddyfile"]

    return configure


# -- Apache --------------------------------------------------------------------------------


def _apache(folder: Path, port: int, ports: Sequence[int]) -> list[str]:
    """mod_proxy_balancer, which keeps its connections behind open."""
    modules = "mpm_event authz_core proxy proxy_http proxy_balancer lbmethod_byrequests slotmem_shm"
    loaded = "\n".join(
        f"LoadModule {name}_module {_APACHE_MODULES}/mod_{name}.so" for name in modules.split()
    )
    members = "\n".join(f"  BalancerMember http://127.0.0.1:{one}" for one in ports)
    # Started as root its processes would be nobody, who may not write in a test's folder.
    user = "User nobody\nGroup nogroup\n" if os.geteuid() == 0 else ""
    folder.chmod(0o777)
    path = folder / "httpd.conf"
    path.write_text(
        f"{loaded}\nServerName localhost\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\n"
        f"DefaultRuntimeDir {folder}\nMutex file:{folder}\nErrorLog {folder}/error.log\n{user}"
        f"<Proxy balancer://deployment>\n{members}\n</Proxy>\n"
        "ProxyPass / balancer://deployment/\n",
        "utf-8",
    )
    return ["apache2", "-D", "FOREGROUND", "-f", str(path)]


# -- Squid ---------------------------------------------------------------------------------


def _squid(folder: Path, port: int, ports: Sequence[int]) -> list[str]:
    """An accelerator by its defaults: what a client says of itself ends here."""
    peers = "\n".join(
        f"cache_peer 127.0.0.1 parent {one} 0 no-query originserver round-robin name=s{number}"
        for number, one in enumerate(ports)
    )
    folder.chmod(0o777)
    path = folder / "squid.conf"
    path.write_text(
        f"http_port 127.0.0.1:{port} accel defaultsite=localhost no-vhost\n{peers}\n"
        f"http_access allow all\ncache deny all\npid_filename {folder}/pid\naccess_log none\n"
        f"cache_log {folder}/cache.log\ncoredump_dir {folder}\nvisible_hostname localhost\n"
        "shutdown_lifetime 1 seconds\n",
        "utf-8",
    )
    return ["squid", "-N", "-f", str(path)]


NGINX_DEFAULT = Front("nginx default", "nginx", "requests", nginx("", upstream=""))
NGINX_KEEPALIVE = Front(
    "nginx keepalive", "nginx", "requests", nginx(f"{KEPT} proxy_read_timeout 300;")
)
NGINX_IP_HASH = Front(
    "nginx ip_hash", "nginx", "addresses", nginx(upstream="ip_hash; keepalive 32;")
)
NGINX_LIMIT_429 = Front("nginx limit 429", "nginx", "requests", _nginx_limit(429))
NGINX_LIMIT_503 = Front("nginx limit 503", "nginx", "requests", _nginx_limit(503))
NGINX_STREAM = Front("nginx stream", "nginx", "connections", _nginx_stream)
HAPROXY_HTTP = Front("haproxy http", "haproxy", "requests", haproxy("http"))
HAPROXY_STICKY = Front(
    "haproxy sticky",
    "haproxy",
    "sessions",
    haproxy("http", "cookie SERVED insert indirect nocache", "cookie s{number}"),
)
HAPROXY_TCP = Front("haproxy tcp", "haproxy", "connections", haproxy("tcp"))
APACHE = Front("apache", "apache2", "requests", _apache)
SQUID = Front("squid", "squid", "requests", _squid)
CADDY = Front("caddy", "caddy", "requests", caddy("round_robin"))

FRONTS = (
    NGINX_DEFAULT,
    NGINX_KEEPALIVE,
    NGINX_IP_HASH,
    NGINX_STREAM,
    HAPROXY_HTTP,
    HAPROXY_STICKY,
    HAPROXY_TCP,
    CADDY,
)
