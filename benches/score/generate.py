"""Writes a study of any size as CSV, always the same bytes for the same size.

    python generate.py FILE [INQUIRIES]

A company gets two questions, four times each, on four channels: 32 inquiries. Companies differ, so
their answers are correlated; some messages bounce, some windows are still open on the scoring date.
Only raw uniforms are drawn, so that the file does not depend on how numpy samples a distribution.
"""

import sys

import numpy as np

CHANNELS = ["chat", "email", "social", "web_form"]
QUESTIONS = ["q1", "q2"]
REPETITIONS = 4
PER_COMPANY = len(CHANNELS) * len(QUESTIONS) * REPETITIONS
INDUSTRIES = ["bank", "builders", "cars", "computers", "food", "lighting", "telecom", "travel"]
ADEQUACY = ["answered", "partial", "deflected", "canned", "promised", ""]
ADEQUACY_UP_TO = [0.55, 0.68, 0.80, 0.88, 0.93, 1.0]
# By channel: share that replies, median hours to a reply, share that bounces, share acknowledged.
REPLIES = [0.78, 0.40, 0.65, 0.30]
HOURS = [0.1, 9.0, 2.0, 26.0]
BOUNCES = [0.02, 0.08, 0.01, 0.05]
ACKNOWLEDGED = [0.60, 0.35, 0.10, 0.55]
HOUR, DAY = 3600, 86400
START = np.datetime64("2026-01-05T00:00:00", "s")
SCORED = np.datetime64("2026-03-09T00:00:00", "s")
COMPANIES_AT_ONCE = 2000


def normal(rng, size):
    """Box and Muller's, from uniforms."""
    return np.sqrt(-2 * np.log(1 - rng.random(size))) * np.cos(2 * np.pi * rng.random(size))


def text(times, present):
    return np.where(present, np.char.add(np.datetime_as_string(times, unit="s"), "Z"), "")


def block(first, count, rng):
    """The lines of `count` companies."""
    shape = (count, len(CHANNELS), len(QUESTIONS), REPETITIONS)
    channel = np.broadcast_to(np.arange(len(CHANNELS))[None, :, None, None], shape)
    by_channel = lambda values: np.asarray(values)[channel]
    zeal = normal(rng, (count, 1, 1, 1))
    sent = START + (rng.random(shape) * 50 * DAY).astype(np.int64)
    scored_after = (SCORED - sent).astype(np.int64)
    observed = np.minimum(30 * DAY, scored_after)
    bounced = rng.random(shape) < by_channel(BOUNCES)
    would = by_channel(REPLIES)
    replies = rng.random(shape) < 1 / (1 + np.exp(-(np.log(would / (1 - would)) + 0.9 * zeal)))
    latency = (by_channel(HOURS) * HOUR * np.exp(1.4 * normal(rng, shape) - 0.4 * zeal)).astype(np.int64)
    notice = (rng.random(shape) * 4 * HOUR).astype(np.int64) + 2
    replied = ~bounced & replies & (latency <= observed)
    acknowledged = ~bounced & (rng.random(shape) < by_channel(ACKNOWLEDGED))
    ack = (rng.random(shape) * 180).astype(np.int64) + 1
    coded = np.asarray(ADEQUACY)[np.searchsorted(ADEQUACY_UP_TO, rng.random(shape), side="right")]
    end = sent + np.where(bounced, np.minimum(notice, scored_after), observed)
    open_still = observed < 30 * DAY
    outcome = np.where(bounced, "bounced", np.where(replied, "replied", np.where(open_still, "censored", "no_reply")))
    company = np.arange(first, first + count)[:, None, None, None]
    columns = [
        np.broadcast_to(np.char.add("c", np.char.zfill(company.astype(str), 6)), shape),
        np.broadcast_to(np.asarray(INDUSTRIES)[company % len(INDUSTRIES)], shape),
        np.asarray(CHANNELS)[channel],
        np.broadcast_to(np.asarray(QUESTIONS)[None, None, :, None], shape),
        np.broadcast_to(np.arange(1, REPETITIONS + 1).astype(str), shape),
        text(sent, True),
        text(end, True),
        text(sent + ack, acknowledged),
        text(sent + latency, replied),
        outcome,
        np.where(replied, coded, ""),
    ]
    return zip(*(column.ravel().tolist() for column in columns))


def main():
    path = sys.argv[1]
    inquiries = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    companies = max(1, inquiries // PER_COMPANY)
    rng = np.random.Generator(np.random.PCG64(20261122))
    with open(path, "w", newline="\n") as file:
        file.write(
            "company,industry,channel,question,attempt,sent_at,window_end,first_ack_at,first_reply_at,outcome,adequacy\n"
        )
        for first in range(0, companies, COMPANIES_AT_ONCE):
            rows = block(first, min(COMPANIES_AT_ONCE, companies - first), rng)
            file.writelines(",".join(row) + "\n" for row in rows)


if __name__ == "__main__":
    main()
