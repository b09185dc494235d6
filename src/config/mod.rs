//! Every setting with its default, its limits and its source; the only room that reads the environment.
//! It never opens a database, a socket or a model, and decides nothing but whether a value can be used.
//! Start reading at [`load()`], which lays the sources over each other and reports all faults at once.

mod audio;
mod database;
mod engine;
mod faults;
mod fit;
mod folders;
mod llm;
mod load;
mod openai;
mod recording;
mod schema;
mod secret;
mod server;
mod span;
mod storage;
mod supervision;
mod telemetry;
mod whisper;

pub use audio::AudioConfig;
pub use database::{Database, DatabaseConfig};
pub use engine::EngineConfig;
pub use faults::{ConfigError, Fault, Faults};
pub use folders::{
    default_config_file, die_at, no_color, server_certificate, server_token, server_url,
};
pub use llm::{LlmConfig, Policy, ProviderConfig};
pub use load::{Loaded, Overrides, Setting, load};
pub use openai::OpenAiConfig;
pub use recording::RecordingConfig;
pub use schema::schema;
pub use secret::Secret;
pub use server::{ServerConfig, Tls};
pub use span::Span;
pub use storage::StorageConfig;
pub use supervision::SupervisionConfig;
pub use telemetry::{LogFormat, TelemetryConfig};
pub use whisper::WhisperConfig;

use serde::{Deserialize, Serialize};

/// The whole configuration, one field a section of `config/default.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: ServerConfig,
    pub storage: StorageConfig,
    pub database: DatabaseConfig,
    pub recording: RecordingConfig,
    pub audio: AudioConfig,
    pub whisper: WhisperConfig,
    pub llm: LlmConfig,
    pub engine: EngineConfig,
    pub supervision: SupervisionConfig,
    pub openai: OpenAiConfig,
    pub telemetry: TelemetryConfig,
}

impl Config {
    fn validate(&self, faults: &mut Faults) {
        self.server.validate(faults);
        self.recording.validate(faults);
        self.storage.validate(faults);
        self.database.validate(faults);
        self.audio.validate(faults);
        self.whisper.validate(faults);
        self.llm.validate(faults);
        self.engine.validate(faults);
        self.supervision.validate(faults);
        self.openai.validate(faults);
    }
}
