//! The table of all figures: each with its unit in its name, and its help text beside it.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// One figure.
pub struct Metric {
    pub name: &'static str,
    pub help: &'static str,
}

pub const JOBS: Metric = Metric { name: "diarist_jobs", help: "Jobs in the database, by status." };
pub const HTTP_REQUESTS: Metric = Metric {
    name: "diarist_http_requests_total",
    help: "Answered HTTP requests, by method, route and status.",
};
pub const HTTP_SECONDS: Metric = Metric {
    name: "diarist_http_request_duration_seconds",
    help: "Time to answer an HTTP request, by method and route.",
};
pub const UPLOADED_BYTES: Metric =
    Metric { name: "diarist_uploaded_bytes_total", help: "Bytes of accepted uploads." };
pub const TRANSCRIBED_MS: Metric = Metric {
    name: "diarist_transcribed_audio_ms_total",
    help: "Milliseconds of sound that have been transcribed.",
};
pub const WHISPER_CPU_MS: Metric = Metric {
    name: "diarist_whisper_cpu_ms_total",
    help: "Processor milliseconds that transcription has used.",
};
pub const LLM_INPUT_TOKENS: Metric = Metric {
    name: "diarist_llm_input_tokens_total",
    help: "Tokens that language models were sent, as they count them.",
};
pub const LLM_OUTPUT_TOKENS: Metric = Metric {
    name: "diarist_llm_output_tokens_total",
    help: "Tokens that language models have answered, as they count them.",
};
pub const ACTOR_RESTARTS: Metric = Metric {
    name: "diarist_actor_restarts",
    help: "Restarts of the actors that are alive, by kind.",
};
pub const MAILBOX_DEPTH: Metric =
    Metric { name: "diarist_actor_mailbox_depth", help: "Messages that wait for actors, by kind." };

pub const ACTORS_STUCK: Metric = Metric {
    name: "diarist_actors_stuck",
    help: "Actors that make no progress though they should, by kind.",
};

pub const ALL: [Metric; 11] = [
    JOBS,
    HTTP_REQUESTS,
    HTTP_SECONDS,
    UPLOADED_BYTES,
    TRANSCRIBED_MS,
    WHISPER_CPU_MS,
    LLM_INPUT_TOKENS,
    LLM_OUTPUT_TOKENS,
    ACTOR_RESTARTS,
    MAILBOX_DEPTH,
    ACTORS_STUCK,
];

/// The figures of one node. They belong to it, so that two nodes in one process do not mix theirs.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Default for Metrics {
    fn default() -> Self {
        let recorder = with_buckets().build_recorder();
        let handle = recorder.handle();
        let metrics = Self { recorder, handle };
        metrics.record(|| {
            for metric in ALL {
                match metric.name {
                    name if name.ends_with("_total") => {
                        metrics::describe_counter!(name, metric.help)
                    }
                    name if name.ends_with("_seconds") => {
                        metrics::describe_histogram!(name, metric.help);
                    }
                    name => metrics::describe_gauge!(name, metric.help),
                }
            }
        });
        metrics
    }
}

impl Metrics {
    /// Runs something that counts, with these figures as the place where it counts.
    pub fn record<T>(&self, counting: impl FnOnce() -> T) -> T {
        metrics::with_local_recorder(&self.recorder, counting)
    }

    /// In the text format of Prometheus.
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }
}

/// Bounds of the histograms, in seconds. A builder refuses only an empty list.
fn with_buckets() -> PrometheusBuilder {
    const BOUNDS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];
    PrometheusBuilder::new().set_buckets(&BOUNDS).unwrap_or_default()
}

impl Metric {
    pub fn add(&self, count: u64) {
        metrics::counter!(self.name).increment(count);
    }
}
