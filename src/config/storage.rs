//! `[storage]`: the folders of recordings and of models.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageConfig {
    pub data_dir: PathBuf,
    pub models_dir: PathBuf,
    pub min_free_bytes: u64,
}
