"""Prints as JSON each mail in a folder that holds a mark: mails.py FOLDER MARK."""
import email
import email.policy
import json
import pathlib
import sys

for file in sorted(pathlib.Path(sys.argv[1]).glob("*")) if pathlib.Path(sys.argv[1]).is_dir() else ():
    mail = email.message_from_bytes(file.read_bytes().split(b"\n-----")[0], policy=email.policy.default)
    text = mail.get_body(("plain", "html")).get_content()
    if sys.argv[2] in " ".join(text.split()):
        print(json.dumps({"from": str(mail["from"]), "reply-to": str(mail["reply-to"]), "text": text}))
