//! A PostgreSQL of our own on a free port: one for the whole run with a database for each test, or one to ill-treat.

use diarist::config::{DatabaseConfig, Overrides, load};
use diarist::store::Store;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The account that Debian's package makes: PostgreSQL does not run as root.
const ACCOUNT: &str = "postgres";

pub struct Cluster {
    dir: PathBuf,
    bin: PathBuf,
    port: u16,
    /// Stops the server and removes its files when this process is gone, however it went.
    guard: std::process::Child,
    databases: AtomicU32,
}

/// A fresh database on the server that the tests share.
pub fn fresh() -> String {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(Cluster::start).fresh()
}

/// The settings of a URL, and nothing else of note.
pub fn config(url: &str) -> DatabaseConfig {
    let values = vec![("database.url", url.into())];
    load(&Overrides { file: None, values }).unwrap().config.database
}

pub async fn open(url: &str) -> Store {
    Store::connect(&config(url), Path::new("/nowhere")).await.unwrap()
}

impl Cluster {
    pub fn start() -> Self {
        let bin = bin();
        // Below the system's own folder, which the account can enter.
        let dir = tempfile::Builder::new().prefix("diarist-pg-").tempdir_in("/tmp").unwrap().keep();
        if is_root() {
            run(Command::new("chown").arg(ACCOUNT).arg(&dir));
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let data = dir.join("data");
        run(tool(&bin.join("initdb")).arg("-D").arg(&data).args([
            "-U",
            "diarist",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]));
        let script = r#"cat >/dev/null; "$0" -D "$1/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$1""#;
        let mut guard = tool(Path::new("sh"));
        guard.args(["-c", script]).arg(bin.join("pg_ctl")).arg(&dir);
        // Whoever ends the tests by their group does not end the guard.
        guard.process_group(0);
        let guard = guard.stdin(Stdio::piped()).spawn().unwrap();
        let cluster = Self { dir, bin, port, guard, databases: AtomicU32::new(0) };
        cluster.up();
        cluster
    }

    pub fn up(&self) {
        let (dir, port) = (&self.dir, self.port);
        let options = format!("-p {port} -k {} -c listen_addresses=127.0.0.1", dir.display());
        let mut command = tool(&self.bin.join("pg_ctl"));
        command.arg("-D").arg(dir.join("data")).arg("-l").arg(dir.join("log"));
        run(command.args(["-w", "-o", &options, "start"]));
    }

    /// As a power cut does it, but for the disk.
    pub fn down(&self) {
        self.stop("immediate");
    }

    /// `fast` ends what is under way and writes all of it down; `immediate` leaves it to the next start.
    pub fn stop(&self, mode: &str) {
        let mut command = tool(&self.bin.join("pg_ctl"));
        command.arg("-D").arg(self.dir.join("data"));
        run(command.args(["-m", mode, "-w", "stop"]));
    }

    /// Ends every connection to a database, in the middle of whatever it is doing.
    pub fn cut(&self, url: &str) {
        let sql = "select pg_terminate_backend(pid) from pg_stat_activity \
                   where datname = current_database() and pid <> pg_backend_pid()";
        run(tool(&self.bin.join("psql")).args(["-q", "-c", sql, url]));
    }

    pub fn fresh(&self) -> String {
        let name = format!("diary_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let port = self.port.to_string();
        let mut command = tool(&self.bin.join("createdb"));
        run(command.args(["-h", "127.0.0.1", "-p", &port, "-U", "diarist", &name]));
        format!("postgres://diarist@127.0.0.1:{port}/{name}")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The guard is done when it has read to the end of its input.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

fn bin() -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = installed.map(|version| version.path().join("bin")).collect();
    found.extend(std::env::var("PATH").iter().flat_map(std::env::split_paths));
    let bin = found.into_iter().find(|bin| bin.join("initdb").is_file());
    bin.expect(
        "PostgreSQL is needed for this test; `make test` installs it: apt-get install postgresql",
    )
}

/// A program of PostgreSQL, as an account that it accepts, and in a folder that this account may be in.
fn tool(program: &Path) -> Command {
    let mut command;
    if is_root() {
        command = Command::new("runuser");
        command.args(["-u", ACCOUNT, "--"]).arg(program);
    } else {
        command = Command::new(program);
    }
    command.current_dir("/tmp");
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn run(command: &mut Command) {
    let out = command.stdin(Stdio::null()).output().unwrap();
    if !out.status.success() {
        let _ = std::io::stderr().write_all(&out.stderr);
        panic!("{command:?}: {}", out.status);
    }
}
