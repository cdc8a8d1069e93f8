"""A real HTTP server that receives webhooks, and answers as a test wants it to."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True, kw_only=True)
class Receiver:
    """``answers`` are the status codes to give in turn, the last one for ever; 0 never answers."""

    url: str
    answers: list[int]
    received: list[Received] = field(default_factory=list)


@contextmanager
def receiving(answers: Sequence[int] = (200,)) -> Iterator[Receiver]:
    """Yield a server on this machine's loopback."""
    gone = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            receiver.received.append(
                Received(headers=dict(self.headers), body=self.rfile.read(length))
            )
            code = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            if code == 0:
                gone.wait(30)
                return
            self.send_response(code)
            if 300 <= code < 400:
                self.send_header("Location", receiver.url + "elsewhere")
            self.send_header("Retry-After", "3600")
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(
        url=f"http://127.0.0.1:{server.server_address[1]}/hook?token=of-the-receiver&to=",
        answers=list(answers),
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        gone.set()
        server.shutdown()
        server.server_close()
        thread.join()
