# The default numbers and a cluster bootstrap, as an analyst computes them in R.
#
#     Rscript pipeline.R FILE.csv OUT.json
#
# survival for curves and the log-rank test (stratified too), data.table for reading and grouping, base for the rest.

suppressPackageStartupMessages({library(survival); library(data.table)})
thresholds <- c("5m" = 1/12, "15m" = 0.25, "1h" = 1, "4h" = 4, "24h" = 24, "72h" = 72, "7d" = 168, "14d" = 336)
compared <- "7d"
resamples <- 2000L
found <- new.env()
say <- function(value, ...) assign(paste0(...), value, envir = found)

load <- function(path) {
  text <- c("company", "industry", "channel", "question", "outcome", "adequacy")
  rows <- fread(path, colClasses = list(factor = text))
  rows[, observed := as.numeric(window_end - sent_at, units = "secs") / 3600]
  rows[, latency := as.numeric(first_reply_at - sent_at, units = "secs") / 3600]
  rows[, bounced := outcome == "bounced"]
  rows[, replied := outcome == "replied"]
  rows[, followed := fifelse(replied, latency, observed)]
  rows[, id := as.integer(company)]
  rows
}

wilson <- function(x, n) {
  z <- qnorm(0.975); p <- x / n
  middle <- (p + z^2 / (2 * n)) / (1 + z^2 / n)
  half <- z / (1 + z^2 / n) * sqrt(p * (1 - p) / n + z^2 / (4 * n^2))
  c(max(0, middle - half), min(1, middle + half))
}

counts <- function(rows, channel) {
  outcome <- table(rows$outcome)
  for (name in c("replied", "no_reply", "bounced", "censored")) say(outcome[[name]], "count.", channel, ".", name)
  say(sum(!is.na(rows$first_ack_at)), "count.", channel, ".acked")
  say(sum(!rows$bounced), "count.", channel, ".delivered")
  say(wilson(outcome[["bounced"]], nrow(rows)), "bounce_rate.", channel, ".wilson")
}

rates <- function(rows, channel, companies) {
  delivered <- rows[bounced == FALSE]
  sums <- list()
  for (name in names(thresholds)) {
    hours <- thresholds[[name]]
    eligible <- delivered[observed >= hours]
    success <- !is.na(eligible$latency) & eligible$latency <= hours
    n_by <- tabulate(eligible$id, companies)
    x_by <- tabulate(eligible$id[success], companies)
    n <- sum(n_by); x <- sum(x_by); p <- x / n; clusters <- sum(n_by > 0)
    variance <- clusters / (clusters - 1) * sum((x_by - p * n_by)^2) / n^2
    deff <- if (p > 0 && p < 1) variance / (p * (1 - p) / (n - 1)) else 1
    n_eff <- if (clusters == n) n else if (p == 0 || p == 1) clusters else n / max(1, deff)
    key <- paste0("rate.", channel, ".", name)
    say(x, key, ".x"); say(n, key, ".n"); say(wilson(x, n), key, ".wilson")
    say(clusters, key, ".clusters"); say(sqrt(variance), key, ".cluster_se"); say(deff, key, ".deff")
    say(wilson(p * n_eff, n_eff), key, ".wilson_deff")
    if (name == compared) say(sum(success & eligible$adequacy == "answered"), key, ".x_answered")
    sums[[name]] <- cbind(x_by, n_by)
  }
  sums
}

first_at_most <- function(times, values, level) {
  below <- which(values <= level + 1e-12)
  if (length(below)) times[below[1]] else "inf"
}

curve_of <- function(rows, channel) {
  delivered <- rows[bounced == FALSE]
  fitted <- survfit(Surv(followed, replied) ~ 1, data = delivered, conf.type = "log-log", timefix = FALSE)
  key <- paste0("km.", channel)
  say(nrow(delivered), key, ".n"); say(sum(delivered$replied), key, ".events")
  at <- findInterval(thresholds, fitted$time)
  for (i in seq_along(thresholds)) {
    j <- at[i]
    say(if (j > 0) fitted$surv[j] else 1, key, ".S.", names(thresholds)[i])
    say(if (j > 0) c(fitted$lower[j], fitted$upper[j]) else c(1, 1), key, ".loglog.", names(thresholds)[i])
  }
  for (level in list(c("q25", 0.75), c("median", 0.5), c("q75", 0.25)))
    say(first_at_most(fitted$time, fitted$surv, as.numeric(level[2])), key, ".", level[1])
  say(first_at_most(fitted$time, fitted$lower, 0.5), key, ".median_ci_lo")
  say(first_at_most(fitted$time, fitted$upper, 0.5), key, ".median_ci_hi")
}

competing <- function(rows, channel) {
  state <- factor(ifelse(rows$replied, "reply", ifelse(rows$bounced, "bounce", "open")), c("open", "reply", "bounce"))
  # Without standard errors: with them survfit takes far longer.
  fitted <- survfit(Surv(rows$followed, state) ~ 1, se.fit = FALSE, timefix = FALSE)
  incidence <- fitted$pstate[, fitted$states == "reply"]
  at <- findInterval(thresholds, fitted$time)
  for (i in seq_along(thresholds))
    say(if (at[i] > 0) incidence[at[i]] else 0, "aj.", channel, ".cif_reply.", names(thresholds)[i])
}

logranks <- function(rows, channels) {
  delivered <- rows[bounced == FALSE]
  tested <- function(formula, data, key) {
    test <- survdiff(formula, data = data)
    p <- pchisq(test$chisq, length(test$n) - 1, lower.tail = FALSE)
    say(test$chisq, key, ".chi2"); say(p, key, ".p")
    p
  }
  tested(Surv(followed, replied) ~ channel, delivered, "logrank")
  say(length(channels) - 1, "logrank.df")
  couples <- combn(channels, 2, simplify = FALSE)
  p <- sapply(couples, function(two) tested(Surv(followed, replied) ~ channel,
    droplevels(delivered[channel %in% two]), paste0("logrank_pair.", two[1], "~", two[2])))
  adjusted <- p.adjust(p, "holm")
  for (i in seq_along(couples)) say(adjusted[i], "logrank_pair.", couples[[i]][1], "~", couples[[i]][2], ".p_holm")
  test <- survdiff(Surv(followed, replied) ~ channel + strata(id), data = delivered)
  say(test$chisq, "logrank_strat_company.chi2")
  say(pchisq(test$chisq, length(channels) - 1, lower.tail = FALSE), "logrank_strat_company.p")
}

newcombe <- function(a, b, c, d) {
  a <- as.numeric(a)  # products of whole numbers overflow
  n <- a + b + c + d; p1 <- (a + b) / n; p2 <- (a + c) / n
  w1 <- wilson(a + b, n); w2 <- wilson(a + c, n)
  margins <- (a + b) * as.numeric(c + d) * (a + c) * as.numeric(b + d); top <- a * d - as.numeric(b) * c
  phi <- if (margins == 0) 0 else (if (top > 0) max(top - n / 2, 0) else top) / sqrt(margins)
  low <- sqrt((p1 - w1[1])^2 - 2 * phi * (p1 - w1[1]) * (w2[2] - p2) + (w2[2] - p2)^2)
  high <- sqrt((w1[2] - p1)^2 - 2 * phi * (w1[2] - p1) * (p2 - w2[1]) + (p2 - w2[1])^2)
  c(p1 - p2, p1 - p2 - low, p1 - p2 + high)
}

convolved <- function(a, b) {
  size <- length(a) + length(b) - 1
  padded <- nextn(size)
  pad <- function(v) c(v, numeric(padded - length(v)))
  pmax(0, Re(fft(fft(pad(a)) * fft(pad(b)), inverse = TRUE))[seq_len(size)] / padded)
}

sign_flip <- function(by_company) {
  sizes <- table(abs(by_company[by_company != 0])); law <- 1
  for (size in names(sizes)) {
    s <- as.integer(size); m <- sizes[[size]]
    flips <- numeric(2 * s * m + 1); flips[seq(1, length(flips), 2 * s)] <- dbinom(0:m, m, 0.5)
    law <- convolved(law, flips)
  }
  reach <- (length(law) - 1) / 2
  min(1, sum(law[abs(seq_along(law) - 1 - reach) >= abs(sum(by_company))]))
}

pairs_of <- function(rows, channels) {
  hours <- thresholds[[compared]]
  usable <- rows[bounced == FALSE & observed >= hours, .(id, question, attempt, channel,
    success = as.integer(!is.na(latency) & latency <= hours))]
  wide <- dcast(usable, id + question + attempt ~ channel, value.var = "success")
  couples <- combn(channels, 2, simplify = FALSE); exact <- flips <- numeric()
  for (two in couples) {
    left <- wide[[two[1]]]; right <- wide[[two[2]]]
    both <- !is.na(left) & !is.na(right); left <- left[both]; right <- right[both]
    a <- sum(left & right); b <- sum(left & !right); c <- sum(!left & right); d <- sum(!left & !right)
    by <- data.table(id = wide$id[both], delta = left - right)[, .(delta = sum(delta), n = .N), by = id]
    n <- length(left); clusters <- nrow(by); delta <- (b - c) / n
    exact <- append(exact, binom.test(b, b + c)$p.value); flips <- append(flips, sign_flip(by$delta))
    key <- paste0("paired.", two[1], "~", two[2], ".", compared)
    say(c(a, b, c, d), key, ".table_abcd"); say(tail(exact, 1), key, ".mcnemar_exact_p")
    say(newcombe(a, b, c, d), key, ".newcombe10"); say(tail(flips, 1), key, ".signflip_company_p")
    say(c(delta, sqrt(clusters / (clusters - 1) * sum((by$delta - delta * by$n)^2)) / n), key, ".diff_cluster")
  }
  for (what in c("mcnemar_exact_p", "signflip_company_p")) {
    adjusted <- p.adjust(if (what == "mcnemar_exact_p") exact else flips, "holm")
    for (i in seq_along(couples))
      say(adjusted[i], "paired.", couples[[i]][1], "~", couples[[i]][2], ".", compared, ".", what, "_holm")
  }
  blocks <- na.omit(as.matrix(wide[, ..channels])); k <- length(channels)
  sums <- rowSums(blocks); columns <- colSums(blocks)
  q <- (k - 1) * (k * sum(columns^2) - sum(columns)^2) / (k * sum(sums) - sum(sums^2))
  say(nrow(blocks), "cochran_q.n_blocks"); say(q, "cochran_q.chi2"); say(k - 1, "cochran_q.df")
  say(pchisq(q, k - 1, lower.tail = FALSE), "cochran_q.p")
}

shrinkage <- function(sums) {
  whole <- Reduce(`+`, lapply(sums, function(by) by[[compared]]))
  classes <- data.table(y = whole[, 1], n = whole[, 2])[n > 0, .(companies = .N), by = .(y, n)]
  lost <- function(logs) {
    a <- exp(logs[1]); b <- exp(logs[2])
    -sum(classes$companies * (lbeta(classes$y + a, classes$n - classes$y + b) - lbeta(a, b)))
  }
  best <- optim(c(0, 0), lost, control = list(reltol = 1e-14, maxit = 4000))
  a <- exp(best$par[1]); b <- exp(best$par[2])
  say(-best$value, "eb.loglik"); say(a, "eb.alpha"); say(b, "eb.beta")
  for (i in seq_len(nrow(classes))) {
    y <- classes$y[i]; n <- classes$n[i]; key <- paste0("eb.class.y", y, "_n", n)
    say((a + y) / (a + b + n), key, ".post_mean"); say(qbeta(c(0.025, 0.975), a + y, b + n - y), key, ".cri95")
    say(classes$companies[i], key, ".companies")
  }
}

badge <- function(rows, channel) {
  delivered <- rows[bounced == FALSE]; eligible <- delivered[observed >= 168]
  share <- mean(!is.na(eligible$latency) & eligible$latency <= 168)
  say(share >= 0.9 && median(delivered$latency[delivered$replied]) <= 0.25, "facebook_2016.", channel)
}

bootstrap <- function(sums) {
  keys <- expand.grid(name = c("24h", "7d"), channel = names(sums), stringsAsFactors = FALSE)
  totals <- do.call(cbind, Map(function(channel, name) sums[[channel]][[name]], keys$channel, keys$name))
  companies <- nrow(totals); set.seed(1)
  drawn <- t(vapply(seq_len(resamples), function(i)
    drop(tabulate(sample.int(companies, replace = TRUE), companies) %*% totals), numeric(ncol(totals))))
  for (i in seq_len(nrow(keys))) {
    shares <- drawn[, 2 * i - 1] / drawn[, 2 * i]; key <- paste0("rate.", keys$channel[i], ".", keys$name[i])
    say(unname(quantile(shares, c(0.025, 0.975))), key, ".cluster_boot"); say(sd(shares), key, ".cluster_boot_se")
  }
}

json <- function(value) {
  one <- function(v) if (is.logical(v)) tolower(v) else if (is.character(v)) paste0('"', v, '"') else sprintf("%.17g", v)
  if (length(value) == 1) one(value) else paste0("[", paste(vapply(value, one, ""), collapse = ", "), "]")
}

arguments <- commandArgs(trailingOnly = TRUE)
rows <- load(arguments[1])
companies <- nlevels(rows$company)
channels <- sort(levels(rows$channel))
sums <- list()
for (name in channels) {
  own <- rows[channel == name]
  counts(own, name); sums[[name]] <- rates(own, name, companies)
  curve_of(own, name); competing(own, name); badge(own, name)
}
logranks(rows, channels); pairs_of(rows, channels); shrinkage(sums); bootstrap(sums)
ids <- sort(ls(found))
lines <- vapply(ids, function(id) paste0(' "', id, '": ', json(get(id, envir = found))), "")
writeLines(c("{", paste(lines, collapse = ",\n"), "}"), arguments[2])
