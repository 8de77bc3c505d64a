"""The default numbers and a cluster bootstrap, as an analyst computes them in Python.

    python pipeline.py FILE.csv OUT.json

lifelines for curves and the log-rank test, statsmodels for intervals and tests of proportions, scipy and
numpy for the rest. What lifelines does slowly or not at all at this size (Aalen and Johansen with ties, the
stratified log-rank test) is vectorised numpy, in Python's favour.
"""

import json
import sys
from itertools import combinations

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test
from scipy import optimize, special, stats
from statsmodels.stats.contingency_tables import cochrans_q, mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

THRESHOLDS = {"5m": 1 / 12, "15m": 0.25, "1h": 1, "4h": 4, "24h": 24, "72h": 72, "7d": 168, "14d": 336}
COMPARED = "7d"
RESAMPLES = 2000
TEXTS = ["company", "industry", "channel", "question", "outcome", "adequacy"]
TIMES = ["sent_at", "window_end", "first_ack_at", "first_reply_at"]


def load(path):
    rows = pd.read_csv(path, dtype=dict.fromkeys(TEXTS, "category"), parse_dates=TIMES)
    hours = lambda column: (rows[column] - rows["sent_at"]).dt.total_seconds().to_numpy() / 3600
    rows["observed"] = hours("window_end")
    rows["latency"] = hours("first_reply_at")
    rows["bounced"] = (rows["outcome"] == "bounced").to_numpy()
    rows["replied"] = (rows["outcome"] == "replied").to_numpy()
    rows["followed"] = np.where(rows["replied"], rows["latency"], rows["observed"])
    return rows


def wilson(x, n):
    return list(proportion_confint(x, n, method="wilson"))


def counts(found, channel, rows):
    outcome = rows["outcome"].value_counts()
    for name in ["replied", "no_reply", "bounced", "censored"]:
        found[f"count.{channel}.{name}"] = int(outcome[name])
    found[f"count.{channel}.acked"] = int(rows["first_ack_at"].notna().sum())
    found[f"count.{channel}.delivered"] = int((~rows["bounced"]).sum())
    found[f"bounce_rate.{channel}.wilson"] = wilson(int(outcome["bounced"]), len(rows))


def rates(found, channel, rows):
    """Rates within each threshold, and company sums for the bootstrap."""
    delivered = rows[~rows["bounced"]]
    company = delivered["company"].cat.codes.to_numpy()
    companies = len(delivered["company"].cat.categories)
    observed = delivered["observed"].to_numpy()
    latency = delivered["latency"].to_numpy()
    sums = {}
    for name, hours in THRESHOLDS.items():
        eligible = observed >= hours
        success = eligible & (latency <= hours)
        n_by = np.bincount(company, weights=eligible, minlength=companies)
        x_by = np.bincount(company, weights=success, minlength=companies)
        asked = n_by > 0
        x, n, c = int(x_by.sum()), int(n_by.sum()), int(asked.sum())
        p = x / n
        residual = (x_by - p * n_by)[asked]
        variance = c / (c - 1) * float(residual @ residual) / n**2
        deff = variance / (p * (1 - p) / (n - 1)) if 0 < p < 1 else 1.0
        n_eff = n if c == n else (c if p in (0, 1) else n / max(1.0, deff))
        key = f"rate.{channel}.{name}"
        found |= {
            f"{key}.x": x,
            f"{key}.n": n,
            f"{key}.wilson": wilson(x, n),
            f"{key}.clusters": c,
            f"{key}.cluster_se": variance**0.5,
            f"{key}.deff": deff,
            f"{key}.wilson_deff": wilson(p * n_eff, n_eff),
        }
        sums[name] = (x_by, n_by)
    adequate = (delivered["adequacy"] == "answered").to_numpy()
    hours = THRESHOLDS[COMPARED]
    found[f"rate.{channel}.7d.x_answered"] = int(((observed >= hours) & (latency <= hours) & adequate).sum())
    return sums


def curve(found, channel, rows):
    delivered = rows[~rows["bounced"]]
    fitted = KaplanMeierFitter().fit(delivered["followed"], delivered["replied"])
    hours = list(THRESHOLDS.values())
    survival = fitted.survival_function_at_times(hours).to_numpy()
    limits = fitted.confidence_interval_survival_function_
    at = np.searchsorted(limits.index.to_numpy(), hours, side="right") - 1
    key = f"km.{channel}"
    found[f"{key}.n"] = len(delivered)
    found[f"{key}.events"] = int(delivered["replied"].sum())
    for i, name in enumerate(THRESHOLDS):
        found[f"{key}.S.{name}"] = float(survival[i])
        found[f"{key}.loglog.{name}"] = [float(v) for v in limits.to_numpy()[at[i]]]
    for name, level in [("q25", 0.75), ("median", 0.5), ("q75", 0.25)]:
        found[f"{key}.{name}"] = first_at_most(fitted.survival_function_.iloc[:, 0], level)
    for name, column in [("lo", 0), ("hi", 1)]:
        found[f"{key}.median_ci_{name}"] = first_at_most(limits.iloc[:, column], 0.5)


def first_at_most(values, level):
    below = np.nonzero(values.to_numpy() <= level + 1e-12)[0]
    return float(values.index[below[0]]) if len(below) else "inf"


def competing(found, channel, rows):
    """Aalen and Johansen's cumulative incidence of a reply, with bounces competing."""
    time = rows["followed"].to_numpy()
    times, place = np.unique(time, return_inverse=True)
    replies = np.bincount(place, weights=rows["replied"], minlength=len(times))
    bounces = np.bincount(place, weights=rows["bounced"], minlength=len(times))
    leaving = np.bincount(place, minlength=len(times))
    at_risk = len(time) - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    survival = np.cumprod(1 - (replies + bounces) / at_risk)
    incidence = np.cumsum(np.concatenate([[1.0], survival[:-1]]) * replies / at_risk)
    for name, hours in THRESHOLDS.items():
        at = np.searchsorted(times, hours, side="right") - 1
        found[f"aj.{channel}.cif_reply.{name}"] = float(incidence[at]) if at >= 0 else 0.0


def logranks(found, rows, channels):
    delivered = rows[~rows["bounced"]]
    time, event, group = delivered["followed"], delivered["replied"], delivered["channel"]
    whole = multivariate_logrank_test(time, group, event)
    found["logrank.chi2"], found["logrank.p"] = float(whole.test_statistic), float(whole.p_value)
    found["logrank.df"] = len(channels) - 1
    values = []
    for a, b in combinations(channels, 2):
        two = group.isin([a, b])
        pair = multivariate_logrank_test(time[two], group[two].cat.remove_unused_categories(), event[two])
        found[f"logrank_pair.{a}~{b}.chi2"] = float(pair.test_statistic)
        found[f"logrank_pair.{a}~{b}.p"] = float(pair.p_value)
        values.append(float(pair.p_value))
    for (a, b), p in zip(combinations(channels, 2), multipletests(values, method="holm")[1]):
        found[f"logrank_pair.{a}~{b}.p_holm"] = float(p)


def stratified(found, rows, channels):
    """The log-rank test stratified by company: sums over companies of observed, expected and variance."""
    delivered = rows[~rows["bounced"]]
    stratum = delivered["company"].cat.codes.to_numpy().astype(np.int64)
    time, event = delivered["followed"].to_numpy(), delivered["replied"].to_numpy()
    order = np.lexsort((time, stratum))
    stratum, time, event = stratum[order], time[order], event[order]
    group = delivered["channel"].cat.codes.to_numpy()[order]
    k = len(channels)
    ones = np.eye(k)[group]
    ends = np.concatenate([ones[::-1].cumsum(axis=0)[::-1], np.zeros((1, k))])
    first = np.concatenate([[True], (stratum[1:] != stratum[:-1]) | (time[1:] != time[:-1])])
    starts = np.nonzero(first)[0]
    stratum_end = np.searchsorted(stratum, stratum[starts], side="right")
    at_risk = ends[starts] - ends[stratum_end]
    events = np.add.reduceat(ones * event[:, None], starts, axis=0)
    d, n = events.sum(axis=1), at_risk.sum(axis=1)
    some = d > 0
    d, n, at_risk = d[some], n[some], at_risk[some]
    expected = at_risk * (d / n)[:, None]
    difference = (events[some].sum(axis=0) - expected.sum(axis=0))[:-1]
    factor = d * np.where(n > 1, (n - d) / np.maximum(n - 1, 1), 0)
    share = at_risk / n[:, None]
    variance = np.diag((factor[:, None] * share).sum(axis=0)) - (share * factor[:, None]).T @ share
    chi2 = float(difference @ np.linalg.solve(variance[:-1, :-1], difference))
    found["logrank_strat_company.chi2"] = chi2
    found["logrank_strat_company.p"] = float(stats.chi2.sf(chi2, k - 1))


def newcombe(a, b, c, d):
    """Newcombe's tenth method for a difference of paired proportions."""
    n = a + b + c + d
    (l1, u1), (l2, u2) = wilson(a + b, n), wilson(a + c, n)
    p1, p2 = (a + b) / n, (a + c) / n
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    top = a * d - b * c
    phi = 0.0 if margins == 0 else (max(top - n / 2, 0) if top > 0 else top) / margins**0.5
    low = ((p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2) ** 0.5
    high = ((u1 - p1) ** 2 - 2 * phi * (u1 - p1) * (p2 - l2) + (p2 - l2) ** 2) ** 0.5
    return [p1 - p2, p1 - p2 - low, p1 - p2 + high]


def sign_flip(by_company):
    """The exact two-sided test: the distribution of a sum of signed whole numbers, size by size."""
    sizes, many = np.unique(np.abs(by_company[by_company != 0]).astype(int), return_counts=True)
    law = np.ones(1)
    for size, m in zip(sizes, many):
        flips = np.zeros(2 * size * m + 1)
        flips[:: 2 * size] = stats.binom.pmf(np.arange(m + 1), m, 0.5)
        law = np.convolve(law, flips) if min(len(law), len(flips)) < 2000 else np.clip(fft(law, flips), 0, None)
    reach = (len(law) - 1) // 2
    extreme = np.abs(np.arange(len(law)) - reach) >= abs(int(by_company.sum()))
    return min(1.0, float(law[extreme].sum()))


def fft(a, b):
    size = len(a) + len(b) - 1
    return np.fft.irfft(np.fft.rfft(a, size) * np.fft.rfft(b, size), size)


def pairs(found, rows, channels):
    hours = THRESHOLDS[COMPARED]
    usable = rows[~rows["bounced"] & (rows["observed"] >= hours)]
    success = pd.DataFrame(
        {
            "key": (usable["company"].cat.codes.astype(np.int64) * 1000 + usable["question"].cat.codes) * 1000
            + usable["attempt"],
            "channel": usable["channel"],
            "success": (usable["latency"] <= hours).astype(float),
        }
    )
    table = success.pivot(index="key", columns="channel", values="success")
    company = table.index.to_numpy() // 1_000_000
    exact, flips = [], []
    for first, second in combinations(channels, 2):
        both = table[first].notna() & table[second].notna()
        left, right = table.loc[both, first].to_numpy(), table.loc[both, second].to_numpy()
        a, b, c, d = (int(((left == x) & (right == y)).sum()) for x, y in [(1, 1), (1, 0), (0, 1), (0, 0)])
        by_company = np.bincount(company[both], weights=left - right)
        n_by = np.bincount(company[both])
        exact.append(float(mcnemar([[a, b], [c, d]], exact=True).pvalue))
        flips.append(sign_flip(by_company))
        asked = n_by > 0
        n, clusters = int(both.sum()), int(asked.sum())
        delta = (b - c) / n
        residual = (by_company - delta * n_by)[asked]
        key = f"paired.{first}~{second}.{COMPARED}"
        found |= {
            f"{key}.table_abcd": [a, b, c, d],
            f"{key}.mcnemar_exact_p": exact[-1],
            f"{key}.newcombe10": newcombe(a, b, c, d),
            f"{key}.signflip_company_p": flips[-1],
            f"{key}.diff_cluster": [delta, (clusters / (clusters - 1) * float(residual @ residual)) ** 0.5 / n],
        }
    for what, values in [("mcnemar_exact_p", exact), ("signflip_company_p", flips)]:
        adjusted = multipletests(values, method="holm")[1]
        for (first, second), p in zip(combinations(channels, 2), adjusted):
            found[f"paired.{first}~{second}.{COMPARED}.{what}_holm"] = float(p)
    blocks = table.dropna().to_numpy()
    q = cochrans_q(blocks)
    found |= {"cochran_q.n_blocks": len(blocks), "cochran_q.chi2": float(q.statistic)}
    found |= {"cochran_q.df": int(q.df), "cochran_q.p": float(q.pvalue)}


def shrinkage(found, sums):
    """The beta-binomial law of the companies' rates, by maximum likelihood."""
    x = sum(by_channel[COMPARED][0] for by_channel in sums.values())
    n = sum(by_channel[COMPARED][1] for by_channel in sums.values())
    classes, companies = np.unique(np.column_stack([x, n])[n > 0], axis=0, return_counts=True)
    y, m = classes.T

    def lost(logs):
        a, b = np.exp(logs)
        return -(companies @ (special.betaln(y + a, m - y + b) - special.betaln(a, b)))

    options = {"xatol": 1e-9, "fatol": 1e-9, "maxiter": 4000}
    best = optimize.minimize(lost, np.zeros(2), method="Nelder-Mead", options=options)
    a, b = np.exp(best.x)
    found |= {"eb.loglik": -float(best.fun), "eb.alpha": float(a), "eb.beta": float(b)}
    for successes, of, many in zip(y.astype(int), m.astype(int), companies):
        posterior = stats.beta(a + successes, b + of - successes)
        key = f"eb.class.y{successes}_n{of}"
        found[f"{key}.post_mean"] = float(posterior.mean())
        found[f"{key}.cri95"] = [float(v) for v in posterior.ppf([0.025, 0.975])]
        found[f"{key}.companies"] = int(many)


def badge(found, channel, rows):
    delivered = rows[~rows["bounced"]]
    within = delivered[delivered["observed"] >= 168]
    share = (within["latency"] <= 168).mean()
    median = delivered.loc[delivered["replied"], "latency"].median()
    found[f"facebook_2016.{channel}"] = bool(share >= 0.9 and median <= 0.25)


def bootstrap(found, sums):
    """Companies drawn with replacement; one draw serves every channel and threshold."""
    keys = [(channel, name) for channel in sums for name in ["24h", "7d"]]
    totals = np.column_stack([column for channel, name in keys for column in sums[channel][name]])
    companies = len(totals)
    rng = np.random.default_rng(1)
    drawn = np.empty((RESAMPLES, totals.shape[1]))
    for i in range(RESAMPLES):
        weights = np.bincount(rng.integers(0, companies, companies), minlength=companies)
        drawn[i] = weights @ totals
    for i, (channel, name) in enumerate(keys):
        shares = drawn[:, 2 * i] / drawn[:, 2 * i + 1]
        found[f"rate.{channel}.{name}.cluster_boot"] = [float(v) for v in np.quantile(shares, [0.025, 0.975])]
        found[f"rate.{channel}.{name}.cluster_boot_se"] = float(shares.std(ddof=1))


def main():
    rows = load(sys.argv[1])
    channels = sorted(rows["channel"].cat.categories)
    found, sums = {}, {}
    for channel in channels:
        own = rows[rows["channel"] == channel]
        counts(found, channel, own)
        sums[channel] = rates(found, channel, own)
        curve(found, channel, own)
        competing(found, channel, own)
        badge(found, channel, own)
    logranks(found, rows, channels)
    stratified(found, rows, channels)
    pairs(found, rows, channels)
    shrinkage(found, sums)
    bootstrap(found, sums)
    with open(sys.argv[2], "w") as out:
        json.dump(found, out, indent=1)


if __name__ == "__main__":
    main()
