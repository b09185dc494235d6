//! A server for the network: real TLS connections, the link and its cookie, and those who are not let in.

use super::kit::server::follow;
use super::kit::{data, diarist, output, sse};
use diarist::client::{Client, Trust};
use diarist::config::Secret;
use diarist::domain::options::JobOptions;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, COOKIE, HeaderMap, LOCATION, RETRY_AFTER, SET_COOKIE,
};
use reqwest::multipart::{Form, Part};
use reqwest::{Certificate, Response};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A server process over TLS, and what it has said to the person who started it.
struct Secure {
    process: Child,
    url: String,
    said: String,
    log: tempfile::NamedTempFile,
}

impl Secure {
    fn start(data_dir: &Path) -> Self {
        Self::start_with(data_dir, "self-signed", "0.0.0.0:0", &[])
    }

    fn start_with(data_dir: &Path, tls: &str, bind: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = diarist(data_dir);
        command.args(["serve", "--tls", tls, "--bind", bind]).envs(settings.iter().copied());
        let log = tempfile::NamedTempFile::new().unwrap();
        let stderr = File::create(log.path()).unwrap();
        let mut process = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = fs::read_to_string(log.path()).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{said}"));
        let url = ready["url"].as_str().unwrap().to_owned();
        Self { process, url, said, log }
    }

    fn links(&self) -> Vec<&str> {
        self.said.lines().map(str::trim).filter(|line| line.starts_with("https://")).collect()
    }

    fn token(&self) -> &str {
        self.links()[0].split_once("/?token=").unwrap().1
    }

    /// As it is shown, `AB:CD:…`.
    fn fingerprint(&self) -> &str {
        let is_it = |line: &&str| line.len() == 95 && line.split(':').all(|pair| pair.len() == 2);
        self.said.lines().map(str::trim).find(is_it).unwrap()
    }

    fn port(&self) -> u16 {
        self.url.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    fn client(&self) -> Client {
        let token = Some(Secret::from(self.token()));
        let certificate = Some(self.fingerprint().to_owned());
        Client::trusting(&self.url, &Trust { token, certificate }).unwrap()
    }

    fn terminate(&mut self) -> i32 {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        self.process.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Trusts the certificate of the data folder as a root and nothing else, and follows no redirect.
fn browser(data_dir: &Path) -> reqwest::Client {
    let pem = fs::read(data_dir.join("lan/certificate.pem")).unwrap();
    let builder = reqwest::Client::builder().tls_certs_only([Certificate::from_pem(&pem).unwrap()]);
    builder.no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

fn header(answer: &Response, name: impl reqwest::header::AsHeaderName) -> &str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn json(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn the_link_unlocks_a_device_with_a_cookie_that_no_script_and_no_other_site_can_use() {
    let dir = tempfile::tempdir().unwrap();
    let server = Secure::start(dir.path());
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    assert!(server.said.contains('▀') && server.said.contains('█'), "no code: {}", server.said);
    let browser = browser(dir.path());
    // Every link that is shown works, at the address of the network as well.
    for link in server.links() {
        let answer = browser.get(link).header(ACCEPT, BROWSER).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), header(&answer, LOCATION)), (303, "/"), "{link}");
        let cookie = header(&answer, SET_COOKIE);
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(pair, format!("__Host-diarist-{}={}", server.port(), server.token()));
        assert_eq!(attributes, "Path=/; Max-Age=34560000; Secure; HttpOnly; SameSite=Strict");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        assert_eq!(header(&answer, "cache-control"), "no-store");
        let base = link.split_once("/?").unwrap().0;
        let jobs =
            browser.get(format!("{base}/v1/jobs")).header(COOKIE, pair).send().await.unwrap();
        assert_eq!(jobs.status(), 200);
        let origin = browser.post(format!("{base}/v1/jobs")).header(COOKIE, pair);
        let foreign = origin.header("Origin", "https://evil.example").send().await.unwrap();
        assert_eq!(foreign.status(), 403);
    }
}

#[tokio::test]
async fn whoever_has_no_token_learns_nothing_but_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let server = Secure::start(dir.path());
    let (browser, url) = (browser(dir.path()), &server.url);
    for path in ["/", "/v1/jobs", "/docs", "/metrics", "/openapi.json", "/nothing", "/health"] {
        let answer = browser.get(format!("{url}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
        assert_eq!(header(&answer, "www-authenticate"), "Bearer realm=\"diarist\"");
        let problem = json(answer).await;
        assert_eq!((&problem["code"], &problem["status"]), (&"unauthorized".into(), &401.into()));
        assert!(problem["hint"].as_str().unwrap().contains("diarist serve"), "{problem}");
    }
    let models = json(browser.get(format!("{url}/v1/models")).send().await.unwrap()).await;
    assert_eq!(models["error"]["code"], "unauthorized", "as OpenAI has it: {models}");
    let page = browser.get(url).header(ACCEPT, BROWSER).send().await.unwrap();
    assert_eq!(page.status(), 401);
    assert!(header(&page, "content-security-policy").starts_with("default-src 'none'"));
    let page = page.text().await.unwrap();
    assert!(page.contains("<!doctype html>") && page.contains("diarist serve"), "{page}");
    assert!(!page.contains(server.token()));
    for (name, value) in [
        ("authorization", format!("Basic {}", server.token())),
        ("authorization", server.token().to_owned()),
        ("cookie", format!("diarist={}", server.token())),
        ("cookie", format!("__Host-diarist-{}=", server.port())),
    ] {
        let answer = browser.get(format!("{url}/v1/jobs")).header(name, &value).send().await;
        assert_eq!(answer.unwrap().status(), 401, "{name}: {value}");
    }
    // Only the front door takes a link.
    let elsewhere = format!("{url}/v1/jobs?token={}", server.token());
    assert_eq!(browser.get(elsewhere).send().await.unwrap().status(), 401);
    for path in ["live", "ready"] {
        let answer = browser.get(format!("{url}/health/{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn guessing_is_answered_with_a_wait_and_locks_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    let server = Secure::start(dir.path());
    let (browser, url) = (browser(dir.path()), &server.url);
    let guess = async |token: &str| {
        let bearer = format!("Bearer {token}");
        let request = browser.get(format!("{url}/v1/jobs")).header(AUTHORIZATION, bearer);
        request.send().await.unwrap()
    };
    for _ in 0..30 {
        assert_eq!(guess("an old one").await.status(), 401);
    }
    for n in 1..10 {
        assert_eq!(guess(&format!("{n}")).await.status(), 401, "{n}");
    }
    let answer = guess("one more").await;
    assert_eq!(answer.status(), 429);
    let seconds: u32 = header(&answer, RETRY_AFTER).parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(json(answer).await["code"], "too_many_tries");
    let by_link = browser.get(format!("{url}/?token=guess")).header(ACCEPT, BROWSER);
    let by_link = by_link.send().await.unwrap();
    assert_eq!(by_link.status(), 429);
    assert!(header(&by_link, "content-type").starts_with("text/html"));
    assert_eq!(guess(server.token()).await.status(), 200);
}

#[tokio::test]
async fn a_memo_goes_its_whole_way_over_tls() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Secure::start(dir.path());
    let cookie = format!("__Host-diarist-{}={}", server.port(), server.token());
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, cookie.parse().unwrap());
    let (browser, url) = (browser(dir.path()), &server.url);
    let memo = Part::bytes(fs::read(data("memo.m4a")).unwrap()).file_name("memo.m4a");
    let sent = browser.post(format!("{url}/v1/jobs")).headers(headers.clone());
    let sent = sent.multipart(Form::new().part("file", memo)).send().await.unwrap();
    assert_eq!(sent.status(), 202);
    let id = json(sent).await["id"].as_str().unwrap().to_owned();
    let events = browser.get(format!("{url}/v1/jobs/{id}/events")).headers(headers.clone());
    let events = sse::events(&events.send().await.unwrap().text().await.unwrap());
    let last = &events.last().unwrap().data;
    assert!(last.contains("\"done\""), "{last}");
    let audio = browser.get(format!("{url}/v1/jobs/{id}/audio")).headers(headers);
    let audio = audio.header("range", "bytes=0-99").send().await.unwrap();
    assert_eq!((audio.status().as_u16(), audio.bytes().await.unwrap().len()), (206, 100));
    // The client of the commands, which knows the server by its fingerprint alone.
    let client = server.client();
    let options = JobOptions { force: true, ..JobOptions::default() };
    let (job, _) = client.submit_file(&data("memo.wav"), &options, None).await.unwrap();
    assert!(follow(&client, job.id, 0).await.unwrap().len() > 3);
    assert_eq!(server.terminate(), 0);
}

#[tokio::test]
async fn a_restart_keeps_certificate_and_token_and_both_are_their_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join("lan").join(name);
    let kept = || {
        let mut server = Secure::start(dir.path());
        let kept = (server.fingerprint().to_owned(), server.token().to_owned());
        assert_eq!(server.terminate(), 0);
        kept
    };
    let first = kept();
    for name in ["token", "key.pem", "certificate.pem"] {
        assert_eq!(fs::metadata(file(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(kept(), first);
    // Another machine's certificate does not have the names of this one.
    let (cert, key) = certificate("elsewhere.example");
    fs::write(file("certificate.pem"), cert).unwrap();
    fs::write(file("key.pem"), key).unwrap();
    let renewed = kept();
    assert_ne!(renewed.0, first.0);
    assert_eq!(renewed.1, first.1);
    fs::remove_file(file("token")).unwrap();
    let changed = kept();
    assert_eq!(changed.0, renewed.0);
    assert_ne!(changed.1, renewed.1, "removing the file makes a new token");
}

#[tokio::test]
async fn commands_use_the_server_that_holds_their_folder_and_trust_no_other_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let server = Secure::start(dir.path());
    let (job, _) =
        server.client().submit_file(&data("memo.wav"), &JobOptions::default(), None).await.unwrap();
    let list = |command: &mut std::process::Command| output(command.args(["jobs", "list"]));
    let (out, errors, status) = list(&mut diarist(dir.path()));
    assert_eq!(status, 0, "{errors}");
    assert!(out.contains(&job.id.to_string()[..8]), "{out}");
    assert!(errors.contains(&server.url) && !errors.contains(server.token()), "{errors}");
    let (_, errors, status) = list(diarist(dir.path()).args(["--server", &server.url]));
    assert_eq!(status, 0, "{errors}");
    // From another folder, as from another machine, the environment says what is known of the server.
    let other = tempfile::tempdir().unwrap();
    let from_afar = |token: &str, certificate: &str| {
        let mut command = diarist(other.path());
        command.env("DIARIST_URL", &server.url).env("DIARIST_TOKEN", token);
        list(command.env("DIARIST_CERTIFICATE", certificate))
    };
    let (_, errors, status) = from_afar(server.token(), server.fingerprint());
    assert_eq!(status, 0, "{errors}");
    let (_, errors, status) = from_afar("wrong", server.fingerprint());
    assert!(status == 1 && errors.contains("token"), "{errors}");
    let (but_last, last) = server.fingerprint().split_at(server.fingerprint().len() - 1);
    let another = format!("{but_last}{}", if last == "0" { "1" } else { "0" });
    for certificate in ["", &another] {
        let (_, errors, status) = from_afar(server.token(), certificate);
        assert!(status == 1 && errors.contains("DIARIST_CERTIFICATE"), "{errors}");
        assert!(!errors.contains(server.token()), "{errors}");
    }
}

#[tokio::test]
async fn slow_handshakes_hold_up_nobody_and_are_ended() {
    let dir = tempfile::tempdir().unwrap();
    let server = Secure::start(dir.path());
    let browser = browser(dir.path());
    let to = SocketAddr::from(([127, 0, 0, 1], server.port()));
    let begun = Instant::now();
    let mut slow: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(to).unwrap()).collect();
    for (n, stream) in slow.iter_mut().enumerate().filter(|(n, _)| n % 2 == 0) {
        assert!(stream.write_all(&[0x16, 3, 1]).is_ok() || n < 136);
    }
    let answer = browser.get(format!("{}/health/live", server.url)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // The oldest have given way, and time ends the others.
    let ended = async |stream: &mut TcpStream, patience: u64| {
        stream.set_read_timeout(Some(Duration::from_secs(patience))).unwrap();
        // Closed, or reset because of what was not read.
        let read = stream.read(&mut [0; 64]);
        !read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    };
    assert!(ended(&mut slow[0], 2).await);
    assert!(ended(&mut slow[199], 15).await);
    assert!(begun.elapsed() >= Duration::from_secs(9), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn plain_http_at_the_port_of_tls_is_sent_on_without_what_it_said() {
    let dir = tempfile::tempdir().unwrap();
    let server = Secure::start(dir.path());
    let plain = server.url.replace("https://", "http://");
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let http = http.build().unwrap();
    let answer = http.get(format!("{plain}/?token={}", server.token())).send().await.unwrap();
    assert_eq!(answer.status(), 307);
    assert_eq!(header(&answer, LOCATION), format!("{}/", server.url));
    let answer = http.post(format!("{plain}/v1/jobs")).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("https://"));
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_shown_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name).display().to_string();
    let (cert, key) = certificate("diary.example");
    fs::write(file("chain.pem"), &cert).unwrap();
    fs::write(file("key.pem"), key).unwrap();
    fs::write(file("other.pem"), certificate("diary.example").1).unwrap();
    let settings = |key: &str| {
        [
            ("DIARIST__SERVER__TLS_CERT", file("chain.pem")),
            ("DIARIST__SERVER__TLS_KEY", key.to_owned()),
            ("DIARIST__SERVER__NAMES", "[diary.example]".to_owned()),
        ]
    };
    let data_dir = dir.path().join("data");
    let fit = settings(&file("key.pem"));
    let fit = fit.each_ref().map(|(key, value)| (*key, value.as_str()));
    let server = Secure::start_with(&data_dir, "files", "127.0.0.1:0", &fit);
    assert!(server.links()[0].starts_with("https://diary.example:"), "{}", server.said);
    let resolved = SocketAddr::from(([127, 0, 0, 1], server.port()));
    let http = reqwest::Client::builder()
        .tls_certs_only([Certificate::from_pem(cert.as_bytes()).unwrap()])
        .resolve("diary.example", resolved);
    let http = http.no_proxy().build().unwrap();
    let jobs = http.get(format!("https://diary.example:{}/v1/jobs", server.port()));
    let jobs = jobs.bearer_auth(server.token()).send().await.unwrap();
    assert_eq!(jobs.status(), 200);
    // It is for another name than 127.0.0.1, and a command knows it all the same.
    let (_, errors, status) = output(diarist(&data_dir).args(["jobs", "list"]));
    assert_eq!(status, 0, "{errors}");
    drop(server);
    let mut command = diarist(&data_dir);
    command.envs(settings(&file("other.pem"))).args(["serve", "--tls", "files"]);
    let (_, errors, status) = output(command.args(["--bind", "127.0.0.1:0"]));
    assert!(status == 1 && errors.contains("chain.pem"), "{errors}");
}

#[test]
fn the_network_is_not_served_without_tls() {
    let dir = tempfile::tempdir().unwrap();
    for args in [&["serve", "--bind", "0.0.0.0:0"][..], &["serve", "--bind", "[::]:0"]] {
        let (out, errors, status) = output(diarist(dir.path()).args(args));
        assert_eq!((out.as_str(), status), ("", 2));
        assert!(errors.contains("diarist serve --tls self-signed"), "{errors}");
    }
    let (_, errors, status) = output(diarist(dir.path()).args(["serve", "--tls", "files"]));
    assert!(status == 2 && errors.contains("server.tls_key"), "{errors}");
}

#[tokio::test]
async fn the_token_is_shown_to_the_person_and_is_in_no_log() {
    let dir = tempfile::tempdir().unwrap();
    let everything = [("DIARIST__TELEMETRY__LOG", "trace")];
    let mut server = Secure::start_with(dir.path(), "self-signed", "127.0.0.1:0", &everything);
    let browser = browser(dir.path());
    let link = server.links()[0].to_owned();
    assert_eq!(browser.get(&link).send().await.unwrap().status(), 303);
    server.client().jobs(&[]).await.unwrap();
    let cookie = format!("__Host-diarist-{}={}", server.port(), server.token());
    let url = format!("{}/v1/jobs", server.url);
    assert_eq!(browser.get(url).header(COOKIE, cookie).send().await.unwrap().status(), 200);
    let token = server.token().to_owned();
    server.terminate();
    let log = fs::read_to_string(server.log.path()).unwrap();
    assert!(log.contains("TRACE"), "{log}");
    assert_eq!(log.matches(&token).count(), server.links().len());
    let node = fs::read_to_string(dir.path().join("node.json")).unwrap_or_default();
    assert!(!node.contains(&token));
}

/// A certificate for one name that it has signed itself, and its key.
fn certificate(name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}
