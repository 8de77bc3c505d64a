"""Prints as JSON each row of a query that holds a mark: rows.py DATABASE MARK QUERY."""
import json
import sqlite3
import sys

found = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute(sys.argv[3])
names = [column[0] for column in found.description]
for row in found:
    # A form builder keeps its fields as JSON.
    message = json.loads(row[0]) if names == ["form_data"] else dict(zip(names, row))
    if any(sys.argv[2] in str(value) for value in message.values()):
        print(json.dumps(message))
