"""A small archive with the names of the embedding model's files, and a server for it on this machine."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from macae.memory.semantic.model import FILES


def archive(*extra: str, without: str = "") -> bytes:
    """Packed files like the model's, each with its name in it, and others beside them."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as packed:
        for name in [*(f"onnx/{file}" for file in FILES if file != without), *extra]:
            data = name.encode() * 100
            head = tarfile.TarInfo(name)
            head.size = len(data)
            packed.addfile(head, io.BytesIO(data))
    return gzip.compress(made.getvalue(), mtime=0)  # the same bytes at every time


def checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@contextmanager
def serving(data: bytes, *, status: int = 200, short: bool = False, hang: bool = False) -> Iterator[str]:
    """An address that answers with the data; half of it, or half and then nothing more, where asked for."""
    done = threading.Event()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if short or hang else data)
            self.wfile.flush()
            if hang:
                done.wait(20)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/onnx.tar.gz"
    finally:
        done.set()
        server.shutdown()
        server.server_close()
        thread.join()
