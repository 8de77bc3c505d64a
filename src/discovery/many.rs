//! Many sites, several at a time: whatever one of them does, the others go on.

use super::pace::Hosts;
use super::visit::{Visited, visit};
use super::{Manners, Target};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Visits all sites, at most `parallel` at once, and tells of each when it is done. No more are held
/// than are under way. When `stop` turns true nothing new begins, and what is under way is let go.
/// Gives whether all were visited.
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
    let mut under_way: HashMap<_, Target> = HashMap::new();
    loop {
        while tasks.len() < parallel.max(1) && !*stop.borrow() {
            let Some(target) = targets.next() else { break };
            let (hosts, manners, task) = (hosts.clone(), manners.clone(), target.clone());
            let handle = tasks.spawn(async move {
                // Each request is bounded; this is the bound of all of them together.
                let limit =
                    manners.site_limit + manners.limits.first_byte + manners.limits.body + Duration::from_mins(2);
                tokio::time::timeout(limit, visit(&task, &manners, &hosts)).await
            });
            under_way.insert(handle.id(), target);
        }
        let ended = tokio::select! {
            biased;
            Ok(_) = stop.wait_for(|stopped| *stopped) => return false,
            ended = tasks.join_next_with_id() => ended,
        };
        let (id, visited) = match ended {
            None => return targets.next().is_none(),
            Some(Ok((id, visited))) => (id, visited.unwrap_or_else(|_| nothing("the visit took too long"))),
            Some(Err(died)) => (died.id(), nothing("reading the site failed on our side")),
        };
        if let Some(target) = under_way.remove(&id)
            && !tell(&target, &visited)
        {
            return false;
        }
    }
}

fn nothing(why: &str) -> Visited {
    Visited { pages: Vec::new(), requests: 0, troubles: vec![why.to_owned()] }
}
