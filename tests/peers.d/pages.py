"""Serves pages and what they need, and keeps what is sent to /send/NAME: pages.py PORT PAGES HOME."""
import email.parser
import email.policy
import http.server
import json
import pathlib
import sys
import urllib.parse

pages, home = map(pathlib.Path, sys.argv[2:4])
KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
         ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2"}


def fields(kind, body):
    """What a script or a form sent, by the names of fields."""
    if kind.startswith("application/json"):
        return json.loads(body)
    if kind.startswith("multipart/form-data"):
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        return {p.get_param("name", header="content-disposition"): p.get_payload(decode=True).decode() for p in message.iter_parts()}
    return dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).lstrip("/")
        first, _, rest = path.partition("/")
        file = {"npm": home / "node_modules" / rest, "made": home / "made" / rest}.get(first, pages / f"{path}.html").resolve()
        if file.is_file() and (file.is_relative_to(home.resolve()) or file.is_relative_to(pages.resolve())):
            self.answer(200, KINDS.get(file.suffix, "application/octet-stream"), file.read_bytes())
        else:
            self.answer(404, "text/plain", b"There is no such page.")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        message = fields(self.headers.get("content-type", ""), body)
        with open("arrived.jsonl", "a") as file:
            file.write(json.dumps([self.path.removeprefix("/send/"), message]) + "\n")
        if "json" in self.headers.get("accept", "") or not self.headers.get("accept", "").startswith("text/html"):
            self.answer(200, "application/json", b"{}")
        else:
            self.answer(200, "text/html; charset=utf-8", "<h1>Grazie!</h1><p>Il messaggio è stato inviato.</p>".encode())


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
