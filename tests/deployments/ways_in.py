"""Ways in to a deployment that are not open: nginx that wants a login, a header, TLS or a prefix
before it hands a request on, and a plain HTTP proxy.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from queueproof.stack.certificates import Certificates
from queueproof.stack.ports import free_port

from .serving import end, until

_READY_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Guard:
    """What one nginx does in front; `{folder}` and `{port}` are filled in.

    http       directives beside the server, or other servers
    server     directives of the server
    location   the path it passes on, which the servers behind do not see
    how        directives of that location
    host       where it listens
    protocol   ssl for TLS, ssl http2 for HTTP/2 besides, http2 for HTTP/2 alone
    """

    http: str = ""
    server: str = ""
    location: str = "/"
    how: str = ""
    host: str = "127.0.0.1"
    protocol: str = ""

    @contextmanager
    def before(self, ports: Sequence[int], folder: Path) -> Iterator[str]:
        """Run it in front of servers on these ports; its URL."""
        port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "nginx.conf").write_text(self._configured(port, ports, folder), "utf-8")
        command = ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        with (folder / "front.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            listening = until(lambda: _listens(self.host, port), within_s=_READY_S)
            assert listening, (folder / "front.log").read_text("utf-8")
            scheme = "https" if "ssl" in self.protocol else "http"
            host = f"[{self.host}]" if ":" in self.host else self.host
            yield f"{scheme}://{host}:{port}{self.location.rstrip('/')}"
        finally:
            end(process)

    def _configured(self, port: int, ports: Sequence[int], folder: Path) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        behind = " ".join(f"server 127.0.0.1:{one};" for one in ports)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        folders = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        # Started as root its workers would be nobody, who may not read in a test's folder.
        user = "user root; " if os.geteuid() == 0 else ""
        http, server, how = (
            text.replace("{folder}", str(folder)).replace("{port}", str(port))
            for text in (self.http, self.server, self.how)
        )
        return (
            f"{user}daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1;\n"
            f"events {{ worker_connections 512; }}\n"
            f"http {{ access_log off; {folders} {http}\n"
            f"upstream deployment {{ {behind} keepalive 32; }}\n"
            f"server {{ listen {host}:{port} {self.protocol}; {server}\n"
            f"location {self.location} {{ proxy_pass http://deployment/; proxy_http_version 1.1; "
            f'proxy_set_header Connection ""; proxy_buffering off; {how} }} }} }}\n'
        )


def basic_auth(folder: Path, login: str) -> Guard:
    """Wants `user:password`, as basic authentication sends it."""
    folder.mkdir(parents=True, exist_ok=True)
    user, _, password = login.partition(":")
    digest = base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()
    (folder / "users").write_text(f"{user}:{{SHA}}{digest}\n", "utf-8")
    return Guard(how='auth_basic "staging"; auth_basic_user_file {folder}/users;')


def wants_header(name: str, value: str) -> Guard:
    """Refuses what does not come with the header, as an access proxy does."""
    variable = f"$http_{name.lower().replace('-', '_')}"
    return Guard(how=f'if ({variable} != "{value}") {{ return 403 "no access"; }}')


def with_tls(made: Certificates, *, protocol: str = "ssl", **guard: str) -> Guard:
    """Serves with a certificate of one's own; the rest is as in Guard."""
    server = f"ssl_certificate {made.certificate}; ssl_certificate_key {made.key};"
    return Guard(server=server, protocol=protocol, **guard)


@dataclass
class ForwardProxy:
    """An HTTP proxy in a thread: absolute requests, and tunnels; counts its connections."""

    seen: list[str] = field(default_factory=list)
    wants: str = ""

    @contextmanager
    def running(self) -> Iterator[str]:
        """Its URL."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            threading.Thread(target=self._accept, args=(server,), daemon=True).start()
            yield f"http://127.0.0.1:{server.getsockname()[1]}"

    def _accept(self, server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, ValueError):
            head = b""
            while b"\r\n\r\n" not in head:
                block = client.recv(65536)
                if not block:
                    return
                head += block
            line = head.split(b"\r\n", 1)[0].decode()
            self.seen.append(line)
            if self.wants and f"authorization: {self.wants}".lower() not in head.decode().lower():
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
            method, target, _ = line.split(" ")
            place = target if method == "CONNECT" else target.split("/")[2]
            host, _, port = place.rpartition(":")
            with socket.create_connection((host, int(port))) as there:
                if method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    there.sendall(head)
                threading.Thread(target=_pump, args=(there, client), daemon=True).start()
                _pump(client, there)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while block := source.recv(65536):
            sink.sendall(block)
        sink.shutdown(socket.SHUT_WR)


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1.0):
            return True
    except OSError:
        return False
