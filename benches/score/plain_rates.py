"""Plain rates of a CSV in DuckDB: how many of how many were replied to within each threshold, by channel.

    python plain_rates.py FILE.csv OUT.json
"""

import json
import sys
import time

import duckdb

THRESHOLDS = {
    "5m": 300, "15m": 900, "1h": 3600, "4h": 14400, "24h": 86400, "72h": 259200, "7d": 604800, "14d": 1209600
}
COLUMNS = {
    "company": "VARCHAR", "industry": "VARCHAR", "channel": "VARCHAR", "question": "VARCHAR", "attempt": "INTEGER",
    "sent_at": "TIMESTAMP", "window_end": "TIMESTAMP", "first_ack_at": "TIMESTAMP", "first_reply_at": "TIMESTAMP",
    "outcome": "VARCHAR", "adequacy": "VARCHAR",
}  # fmt: skip


def main():
    counted = ", ".join(
        f"count(*) FILTER (observed >= {s} AND latency <= {s}), count(*) FILTER (observed >= {s})"
        for s in THRESHOLDS.values()
    )
    query = f"""
        SELECT channel, {counted} FROM (
            SELECT channel, epoch(window_end) - epoch(sent_at) AS observed, epoch(first_reply_at) - epoch(sent_at) AS latency
            FROM read_csv(?, header = true, columns = {COLUMNS}) WHERE outcome <> 'bounced'
        ) GROUP BY channel ORDER BY channel"""
    begun = time.perf_counter()
    rows = duckdb.execute(query, [sys.argv[1]]).fetchall()
    print(f"the query alone: {time.perf_counter() - begun:.3f} s")
    found = {}
    for channel, *counts in rows:
        for i, name in enumerate(THRESHOLDS):
            found[f"rate.{channel}.{name}.x"], found[f"rate.{channel}.{name}.n"] = counts[2 * i : 2 * i + 2]
    with open(sys.argv[2], "w") as out:
        json.dump(found, out, indent=1)


if __name__ == "__main__":
    main()
