//! The decoder of last resort: what only `ffmpeg` reads comes out of it as a stream of plain samples.
//!
//! It is started by the decoding child and inherits its limits. It opens the one file that it is given, by the one
//! demuxer that fits the file's first bytes: no list, no address and no other file is ever followed. When the
//! decoding child is gone, its next write fails, and it ends.
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running `ffmpeg`; dropping it ends it.
pub struct Ffmpeg(Child);

impl Ffmpeg {
    /// Starts it on the first sound track of `input`, which comes out as 16-bit samples in Matroska.
    pub fn start(exe: &Path, input: &Path, demuxer: &str) -> io::Result<(Self, ChildStdout)> {
        let mut url = OsString::from("file:");
        url.push(std::path::absolute(input)?);
        let mut child = Command::new(exe)
            .env_clear()
            .args(["-nostdin", "-hide_banner", "-loglevel", "quiet", "-threads", "1"])
            .args(["-protocol_whitelist", "file", "-f", demuxer, "-i"])
            .arg(url)
            .args(["-map", "0:a:0", "-vn", "-sn", "-dn", "-filter_threads", "1"])
            .args(["-ar", "16000", "-c:a", "pcm_s16le", "-f", "matroska", "pipe:1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().ok_or_else(|| io::Error::other("it has no output"))?;
        Ok((Self(child), stdout))
    }

    /// Waits for its end, once its output has ended, and says whether all went well.
    pub fn ended_well(&mut self) -> bool {
        self.0.wait().is_ok_and(|status| status.success())
    }
}

impl Drop for Ffmpeg {
    fn drop(&mut self) {
        // One that has ended by itself cannot be ended again, and need not be.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
