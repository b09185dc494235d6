//! Every way a child can end, played by a shell.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::providers::audio::limits::ChildLimits;
use crate::providers::audio::worker::Mode;

async fn child(script: &str, timeout_ms: u64) -> (Result<DecodeReport, AudioError>, Vec<u64>) {
    let mut command = Command::new("sh");
    command.arg("-c").arg(script);
    let request = DecodeRequest {
        input: "in".into(),
        output: "out".into(),
        mode: Mode::Decode,
        max_duration_ms: 1,
        limits: ChildLimits::default(),
        ffmpeg: None,
    };
    let mut told = Vec::new();
    let timeout = Duration::from_millis(timeout_ms);
    let done = drive(command, &request, timeout, |progress| told.push(progress.done_ms)).await;
    (done, told)
}

async fn code(script: &str) -> &'static str {
    child(script, 20_000).await.0.unwrap_err().code()
}

const REPORT: &str = r#"{"report":{"format":"wav","codec":"pcm_s16le","channels":1,"sample_rate_hz":16000,"duration_ms":2,"tags":[],"samples":32,"chunks":[{"start_sample":0,"end_sample":32}],"damaged_packets":0,"cut_off":false,"gaps":[],"pcm_sha256":"00"}}"#;

#[tokio::test]
async fn progress_and_report_arrive() {
    let script = format!(
        r#"read request; echo '{{"progress":{{"done_ms":7,"fraction":null}}}}'; echo '{REPORT}'"#
    );
    let (done, told) = child(&script, 20_000).await;
    assert_eq!(done.unwrap().samples, 32);
    assert_eq!(told, [7]);
}

#[tokio::test]
async fn a_reported_failure_keeps_its_code() {
    let failure =
        r#"{"failure":{"code":"not_audio","message":"no","hint":"yes","retryable":false}}"#;
    assert_eq!(code(&format!("read r; echo '{failure}'; exit 1")).await, "not_audio");
}

#[tokio::test]
async fn every_way_to_die_has_its_own_code() {
    assert_eq!(code("kill -KILL $$").await, "decoder_died");
    assert_eq!(code("kill -XCPU $$").await, "decoder_timed_out");
    assert_eq!(code("kill -XFSZ $$").await, "audio_too_long");
    assert_eq!(code("kill -SEGV $$").await, "decoder_crashed");
    assert_eq!(code("exit 101").await, "decoder_crashed");
    assert_eq!(code("exit 0").await, "decoder_broken");
    assert_eq!(code("echo hello").await, "decoder_broken");
}

#[tokio::test]
async fn only_a_death_from_outside_is_worth_another_try() {
    assert!(child("kill -KILL $$", 20_000).await.0.unwrap_err().is_retryable());
    assert!(!child("kill -ABRT $$", 20_000).await.0.unwrap_err().is_retryable());
}

#[tokio::test]
async fn the_last_words_are_kept_and_they_are_few() {
    let script = "yes complaint | head -c 300000 >&2; echo gone >&2; exit 101";
    let Err(AudioError::ChildCrashed { stderr }) = child(script, 20_000).await.0 else {
        unreachable!("it crashed")
    };
    assert!(stderr.ends_with("gone\n") && stderr.len() <= STDERR_BYTES_KEPT);
}

#[tokio::test]
async fn a_line_without_end_is_cut_short() {
    assert_eq!(code("cat /dev/zero").await, "decoder_broken");
}

#[tokio::test]
async fn a_child_that_hangs_is_ended() {
    let (done, _) = child("exec sleep 60", 100).await;
    assert_eq!(done.unwrap_err().code(), "decoder_timed_out");
}
