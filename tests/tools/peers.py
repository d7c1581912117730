# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Outside the fence: a web server at 127.0.0.1:8000, and a container engine's socket that answers as an empty engine does."""
import http.server
import os
import socketserver
import threading

ENGINE = "/run/docker.sock"


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"OK" if self.path.endswith("_ping") else b"[]"
        self.send_response(200)
        self.send_header("Api-Version", "1.45")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def address_string(self):
        return "somebody"

    def log_message(self, *_):
        pass


class Web(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


if os.path.exists(ENGINE):
    os.unlink(ENGINE)
engine = socketserver.ThreadingUnixStreamServer(ENGINE, Answer)
os.chmod(ENGINE, 0o666)
threading.Thread(target=engine.serve_forever, daemon=True).start()
Web(("127.0.0.1", 8000), Answer).serve_forever()
