//! Many sites, several at a time: whatever one of them does, the others go on, and all are told of in the order in
//! which they were named.

use super::pace::Hosts;
use super::visit::{Visited, visit};
use super::{Manners, Target};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Most visits that are done and wait for an earlier one, in memory alone: until that has ended, nothing new begins.
const WAITING_MAX: usize = 32;

/// Visits all sites, at most `parallel` at once, and tells of each, in their order, when it is done. When `stop` turns
/// true nothing new begins, what is under way is let go, and what is done is told. Gives whether all were visited.
pub async fn visit_all(
    targets: impl Iterator<Item = Target>,
    manners: &Manners,
    parallel: usize,
    mut stop: watch::Receiver<bool>,
    mut tell: impl FnMut(&Target, &Visited) -> bool,
) -> bool {
    let hosts = Arc::new(Hosts::default());
    let mut targets = targets.fuse();
    let mut tasks = JoinSet::new();
    let mut under_way: HashMap<_, (usize, Target)> = HashMap::new();
    let mut waiting: BTreeMap<usize, (Target, Visited)> = BTreeMap::new();
    let (mut begun, mut told) = (0, 0);
    loop {
        while tasks.len() < parallel.max(1) && waiting.len() < WAITING_MAX && !*stop.borrow() {
            let Some(target) = targets.next() else { break };
            let (hosts, manners, task) = (hosts.clone(), manners.clone(), target.clone());
            let handle = tasks.spawn(async move {
                // Each request is bounded; this is the bound of all of them together.
                let limit =
                    manners.site_limit + manners.limits.first_byte + manners.limits.body + Duration::from_mins(2);
                tokio::time::timeout(limit, visit(&task, &manners, &hosts)).await
            });
            under_way.insert(handle.id(), (begun, target));
            begun += 1;
        }
        let ended = tokio::select! {
            biased;
            Ok(_) = stop.wait_for(|stopped| *stopped) => {
                waiting.values().all(|(target, visited)| tell(target, visited));
                return false;
            }
            ended = tasks.join_next_with_id() => ended,
        };
        let (id, visited) = match ended {
            None => return targets.next().is_none(),
            Some(Ok((id, visited))) => (id, visited.unwrap_or_else(|_| nothing("the visit took too long"))),
            Some(Err(died)) => (died.id(), nothing("reading the site failed on our side")),
        };
        if let Some((number, target)) = under_way.remove(&id) {
            waiting.insert(number, (target, visited));
        }
        while let Some((target, visited)) = waiting.remove(&told) {
            told += 1;
            if !tell(&target, &visited) {
                return false;
            }
        }
    }
}

fn nothing(why: &str) -> Visited {
    Visited { pages: Vec::new(), requests: 0, troubles: vec![why.to_owned()] }
}
