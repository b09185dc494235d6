//! News of the watched folders: from the system where it can tell, else by looking again and again.

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Paths that may wait to be looked at; where there are more, everything is looked at.
const NEWS_MAX: usize = 4_096;
/// Even a system that tells may miss something, such as a file in a folder that has just come.
const SAFETY: Duration = Duration::from_secs(300);
/// How often is looked where the system cannot tell.
const POLL: Duration = Duration::from_secs(10);

pub struct Feed {
    /// Ends the news when it is dropped.
    _watcher: Option<RecommendedWatcher>,
    news: Receiver<PathBuf>,
    lost: Arc<AtomicBool>,
    every: Duration,
    last_scan: Option<Instant>,
}

impl Feed {
    /// Begins to listen. Says why where it has to look instead.
    pub fn start(
        roots: &[PathBuf],
        recursive: bool,
        poll: Option<Duration>,
    ) -> (Self, Option<String>) {
        let (tell, news) = channel(NEWS_MAX);
        let lost = Arc::new(AtomicBool::new(false));
        let remote = || roots.iter().find(|root| is_remote(root));
        let (watcher, why) = match (poll, remote()) {
            (Some(_), _) => (None, None),
            (None, Some(root)) => (None, Some(format!("{} is on a network", root.display()))),
            (None, None) => match listen(roots, recursive, tell, lost.clone()) {
                Ok(watcher) => (Some(watcher), None),
                Err(error) => (None, Some(error.to_string())),
            },
        };
        let every = match (&watcher, poll) {
            (Some(_), _) => SAFETY,
            (None, poll) => poll.unwrap_or(POLL),
        };
        let why = why.map(|why| format!("{why}: looking every {} s", every.as_secs_f64()));
        (Self { _watcher: watcher, news, lost, every, last_scan: None }, why)
    }

    /// Whether it is time to look at everything; the answer is not given twice.
    pub fn wants_scan(&mut self, now: Instant) -> bool {
        let due =
            self.last_scan.is_none_or(|last| now.saturating_duration_since(last) >= self.every);
        let wanted = self.lost.swap(false, Ordering::Relaxed) || due;
        if wanted {
            self.last_scan = Some(now);
        }
        wanted
    }

    /// Paths about which the system has told something by now.
    pub fn news(&mut self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        while let Ok(path) = self.news.try_recv() {
            paths.push(path);
        }
        paths.sort();
        paths.dedup();
        paths
    }
}

fn listen(
    roots: &[PathBuf],
    recursive: bool,
    tell: Sender<PathBuf>,
    lost: Arc<AtomicBool>,
) -> notify::Result<RecommendedWatcher> {
    let hear = move |event: notify::Result<notify::Event>| match event {
        Ok(event) if event.need_rescan() => lost.store(true, Ordering::Relaxed),
        Ok(event) if matters(event.kind) => {
            for path in event.paths {
                if tell.try_send(path).is_err() {
                    lost.store(true, Ordering::Relaxed);
                }
            }
        }
        Ok(_) => {}
        Err(_) => lost.store(true, Ordering::Relaxed),
    };
    let mut watcher = notify::recommended_watcher(hear)?;
    let mode = if recursive { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
    for root in roots {
        watcher.watch(root, mode)?;
    }
    Ok(watcher)
}

/// Our own reading is no news.
fn matters(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) | EventKind::Remove(_) => false,
        _ => true,
    }
}

/// File systems whose changes from elsewhere the kernel does not tell: NFS, SMB, FUSE, 9P, AFS, Ceph.
const REMOTE: &[u32] =
    &[0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x6573_5546, 0x0102_1997, 0x5346_414f, 0x00c3_6400];

fn is_remote(root: &Path) -> bool {
    // The kinds are numbers of 32 bits, kept in whatever the platform has.
    rustix::fs::statfs(root).is_ok_and(|disk| REMOTE.contains(&(disk.f_type as u32)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "any moment will do to begin with")]
    use super::*;

    #[test]
    fn everything_is_looked_at_at_first_then_now_and_then_and_when_news_were_lost() {
        let seconds = Some(Duration::from_secs(5));
        let (mut feed, why) = Feed::start(&[], true, seconds);
        assert_eq!(why, None);
        let begin = Instant::now();
        assert!(feed.wants_scan(begin));
        assert!(!feed.wants_scan(begin + Duration::from_millis(4_999)));
        assert!(feed.wants_scan(begin + Duration::from_secs(5)));
        feed.lost.store(true, Ordering::Relaxed);
        assert!(feed.wants_scan(begin + Duration::from_secs(6)));
        assert!(!feed.wants_scan(begin + Duration::from_secs(7)));
    }
}
