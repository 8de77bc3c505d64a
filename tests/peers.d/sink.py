"""An SMTP server that keeps each mail in a file: sink.py PORT FOLDER."""
import pathlib
import socketserver
import sys

folder = pathlib.Path(sys.argv[2])
folder.mkdir(exist_ok=True)


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 sink")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go on")
                mail = b""
                while (line := self.rfile.readline()) and line != b".\r\n":
                    mail += line
                (folder / f"{len(list(folder.iterdir()))}.eml").write_bytes(mail)
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            self.say("250 ok")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


Server(("127.0.0.1", int(sys.argv[1])), Session).serve_forever()
