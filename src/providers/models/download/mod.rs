//! Fetches one file over HTTP, goes on where an earlier try broke off, and trusts only the hash.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, IF_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt;

use super::catalog::HubFile;
use super::error::ModelError;
use super::fingerprint;

const CONNECT: Duration = Duration::from_secs(5);
/// Longest silence of a server that has begun to answer.
const IDLE: Duration = Duration::from_secs(30);
/// Before the third try in a row that brought nothing; the second comes at once.
const PAUSE: Duration = Duration::from_millis(500);
/// Tries in a row that may bring nothing at all.
const FRUITLESS: u32 = 3;
/// A server that hangs up after each crumb does not keep us for ever.
const CONNECTIONS: u32 = 100;

/// Called with the bytes there are and the bytes there will be.
pub type Told<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

pub fn client() -> Result<Client, ModelError> {
    Client::builder()
        .connect_timeout(CONNECT)
        .read_timeout(IDLE)
        .user_agent(concat!("diarist/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|source| ModelError::SetUpClient { source })
}

/// Leaves the whole, verified file at `to`. What came before a failure stays for the next try.
pub async fn download(
    client: &Client,
    file: &HubFile,
    to: &Path,
    told: Told<'_>,
) -> Result<(), ModelError> {
    let partial = Partial::at(to);
    if fs::try_exists(to).await.map_err(ModelError::file("inspect", to))? {
        // A run that ended before it could use the file left it; the hash is checked as ever.
        let moved = fs::rename(to, &partial.path).await;
        moved.map_err(ModelError::file("move back", to))?;
    }
    let inherited = partial.length().await? > 0;
    match whole(client, file, &partial, told).await {
        // The old beginning may belong to another file: the download deserves a try without it.
        Err(ModelError::WrongHash { .. }) if inherited => {
            whole(client, file, &partial, told).await?;
        }
        other => other?,
    }
    fs::rename(&partial.path, to).await.map_err(ModelError::file("move into place", to))
}

async fn whole(
    client: &Client,
    file: &HubFile,
    partial: &Partial,
    told: Told<'_>,
) -> Result<(), ModelError> {
    fill(client, file, partial, told).await?;
    let (path, url, sha256) = (partial.path.clone(), file.url.clone(), file.sha256.clone());
    let checked = tokio::task::spawn_blocking(move || fingerprint::check(&path, &url, &sha256))
        .await
        .map_err(|source| ModelError::Interrupted { name: file.url.clone(), source })?;
    if checked.is_err() {
        partial.forget().await?;
    }
    checked
}

/// Connects again and again as long as that brings bytes.
async fn fill(
    client: &Client,
    file: &HubFile,
    partial: &Partial,
    told: Told<'_>,
) -> Result<(), ModelError> {
    let (mut fruitless, mut fruitful) = (0, false);
    for connection in 1.. {
        let before = partial.length().await?;
        if before == file.bytes {
            break;
        }
        if before > file.bytes {
            partial.forget().await?;
            continue;
        }
        let Err(error) = go_on(client, file, partial, before, told).await else { continue };
        let gained = partial.length().await? > before;
        fruitful |= gained;
        fruitless = if gained { 0 } else { fruitless + 1 };
        let worth_it = match &error {
            ModelError::Download { source, .. } => fruitful || !source.is_connect(),
            ModelError::BrokeOff { .. } => true,
            _ => false,
        };
        if !worth_it || fruitless == FRUITLESS || connection == CONNECTIONS {
            return Err(error);
        }
        tokio::time::sleep(PAUSE * fruitless.saturating_sub(1)).await;
    }
    Ok(())
}

/// One connection: asks for what is missing and adds what comes.
async fn go_on(
    client: &Client,
    file: &HubFile,
    partial: &Partial,
    have: u64,
    told: Told<'_>,
) -> Result<(), ModelError> {
    let failed = |source: reqwest::Error| ModelError::Download {
        url: file.url.clone(),
        source: source.without_url(),
    };
    let broke_off = |done| ModelError::BrokeOff { url: file.url.clone(), done, total: file.bytes };
    let known_tag = partial.tag().await;
    let mut request = client.get(&file.url);
    if have > 0 {
        request = request.header(RANGE, format!("bytes={have}-"));
        if let Some(tag) = known_tag.as_deref().filter(|tag| !tag.starts_with("W/")) {
            request = request.header(IF_RANGE, tag);
        }
    }
    let mut response = request.send().await.map_err(failed)?;
    let status = response.status();
    let (mut out, mut done) = match status {
        StatusCode::PARTIAL_CONTENT if continues(&response, have, file.bytes, &known_tag) => {
            (partial.append().await?, have)
        }
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
            partial.forget().await?;
            return Err(broke_off(0));
        }
        StatusCode::OK => (partial.start(file, &response).await?, 0),
        _ => return Err(ModelError::Refused { url: file.url.clone(), status: status.as_u16() }),
    };
    let mut ended = Ok(());
    let mut said = done;
    told(done, file.bytes);
    while done < file.bytes {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => {
                ended = Err(broke_off(done));
                break;
            }
            Err(source) => {
                ended = Err(failed(source));
                break;
            }
        };
        let room = (file.bytes - done) as usize;
        let chunk = &chunk[..chunk.len().min(room)];
        out.write_all(chunk).await.map_err(ModelError::file("write", &partial.path))?;
        done += chunk.len() as u64;
        if done - said > file.bytes / 200 || done == file.bytes {
            told(done, file.bytes);
            said = done;
        }
    }
    out.flush().await.map_err(ModelError::file("write", &partial.path))?;
    ended
}

/// Whether an answer to a range request fits behind what is there.
fn continues(response: &Response, have: u64, total: u64, known_tag: &Option<String>) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let Some((bounds, size)) = range
        .and_then(|range| range.strip_prefix("bytes "))
        .and_then(|range| range.split_once('/'))
    else {
        return false;
    };
    let starts = bounds.split_once('-').and_then(|(start, _)| start.parse().ok()) == Some(have);
    let same_size = size == "*" || size.parse() == Ok(total);
    let same_tag = match (tag_in(response.headers()), known_tag) {
        (Some(new), Some(old)) => new == *old,
        _ => true,
    };
    have > 0 && starts && same_size && same_tag
}

fn tag_in(headers: &HeaderMap) -> Option<String> {
    headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned)
}

/// What has come so far, and the server's tag for the version that it came from.
struct Partial {
    path: PathBuf,
    tag_path: PathBuf,
}

impl Partial {
    fn at(to: &Path) -> Self {
        let with = |ending: &str| {
            let mut path = to.as_os_str().to_owned();
            path.push(ending);
            PathBuf::from(path)
        };
        Self { path: with(".part"), tag_path: with(".etag") }
    }

    async fn length(&self) -> Result<u64, ModelError> {
        match fs::metadata(&self.path).await {
            Ok(file) => Ok(file.len()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(ModelError::file("inspect", &self.path)(error)),
        }
    }

    async fn tag(&self) -> Option<String> {
        fs::read_to_string(&self.tag_path).await.ok()
    }

    async fn append(&self) -> Result<File, ModelError> {
        let file = OpenOptions::new().append(true).open(&self.path).await;
        file.map_err(ModelError::file("open", &self.path))
    }

    /// Begins anew, unless the server has something of another size.
    async fn start(&self, file: &HubFile, response: &Response) -> Result<File, ModelError> {
        if let Some(actual) = response.content_length().filter(|length| *length != file.bytes) {
            let (subject, expected) = (file.url.clone(), file.bytes);
            return Err(ModelError::WrongSize { subject, expected, actual });
        }
        self.forget().await?;
        if let Some(tag) = tag_in(response.headers()) {
            let written = fs::write(&self.tag_path, tag).await;
            written.map_err(ModelError::file("write", &self.tag_path))?;
        }
        File::create(&self.path).await.map_err(ModelError::file("create", &self.path))
    }

    async fn forget(&self) -> Result<(), ModelError> {
        for path in [&self.path, &self.tag_path] {
            match fs::remove_file(path).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(ModelError::file("remove", path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
