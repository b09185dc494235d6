//! A small disk of its own, in memory and in a mount namespace: nobody else sees it, and it goes with its holder.

use rustix::process::geteuid;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const BYTES: usize = 24 << 20;

/// Mounts it, says so, and then does what it is told, a line each.
const HOLD: &str = r#"mount -t tmpfs -o size=$1,mode=0700 tmpfs "$0" && echo ready
while read -r line; do eval "$line" && echo done || echo failed; done"#;

pub struct Disk {
    /// Where it is mounted, for those who are in the namespace.
    pub dir: PathBuf,
    holder: Child,
    told: BufReader<ChildStdout>,
}

impl Disk {
    /// None where this account may not mount, even in a namespace of its own.
    pub fn mount(at: &Path) -> Option<Self> {
        let mut holder = Command::new("unshare");
        holder.args(user(&["--user", "--map-root-user"])).args(["--mount", "sh", "-c", HOLD]);
        holder.arg(at).arg(BYTES.to_string()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut holder = holder.spawn().unwrap();
        let told = BufReader::new(holder.stdout.take().unwrap());
        let mut disk = Self { dir: at.to_owned(), holder, told };
        (disk.hear() == "ready").then_some(disk)
    }

    /// The same command, run where the disk is.
    pub fn on(&self, command: &Command) -> Command {
        let mut inside = Command::new("nsenter");
        inside.args(["--target", &self.holder.id().to_string(), "--mount"]);
        inside.args(user(&["--user", "--preserve-credentials"])).arg("--");
        inside.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside
    }

    /// Fills it to the last byte; what is in the way is to be removed again.
    pub fn fill(&self) -> PathBuf {
        let path = self.outside().join("filler");
        let mut file = File::create(&path).unwrap();
        for size in [1 << 16, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }

    /// Lets nobody write to it, or to the one file of it, until `writable`.
    pub fn read_only(&mut self, file: Option<&str>) {
        let dir = self.dir.display();
        self.tell(&match file {
            None => format!("mount -o remount,ro '{dir}'"),
            Some(name) => {
                format!("mount --bind '{dir}/{name}' '{dir}/{name}' && mount -o remount,bind,ro '{dir}/{name}'")
            }
        });
    }

    pub fn writable(&mut self, file: Option<&str>) {
        let dir = self.dir.display();
        self.tell(&match file {
            None => format!("mount -o remount,rw '{dir}'"),
            Some(name) => format!("umount '{dir}/{name}'"),
        });
    }

    /// The same place for those who are not in the namespace.
    fn outside(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.dir.strip_prefix("/").unwrap())
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.holder.stdin.as_mut().unwrap(), "{line}").unwrap();
        assert_eq!(self.hear(), "done", "{line}");
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}

/// Root needs no namespace of users in order to mount.
fn user<'a>(args: &'a [&'a str]) -> &'a [&'a str] {
    if geteuid().is_root() { &[] } else { args }
}
