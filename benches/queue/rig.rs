//! A database with an engine on it, in a folder of its own.

use diarist::actors::engine::{Engine, Parts, Stages};
use diarist::config::{Config, Overrides, load};
use diarist::domain::ids::NodeId;
use diarist::providers::models::Library;
use diarist::providers::storage::Folder;
use diarist::store::Store;
use diarist::telemetry::metrics::Metrics;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub enum Database {
    /// A folder, in which each measurement has a file of its own.
    Lite(PathBuf),
    Pg(String),
}

pub struct Rig {
    pub config: Config,
    pub folder: Folder,
    pub store: Store,
}

impl Rig {
    pub async fn open(database: &Database, name: &str) -> Self {
        let root = match database {
            Database::Lite(root) => root.join(name),
            Database::Pg(_) => std::env::temp_dir().join(format!("diarist-bench-{name}")),
        };
        std::fs::create_dir_all(&root).unwrap();
        let mut values = vec![
            ("storage.data_dir", root.to_str().unwrap().into()),
            ("storage.models_dir", root.join("models").to_str().unwrap().into()),
        ];
        if let Database::Pg(url) = database {
            values.push(("database.url", url.as_str().into()));
        }
        let config = load(&Overrides { file: None, values }).unwrap().config;
        let folder = Folder::make(&root).unwrap();
        let store = Store::connect(&config.database, &folder.database()).await.unwrap();
        Self { config, folder, store }
    }

    /// Starts an engine that works on so many jobs at once.
    pub async fn start(&self, stages: Stages, exe: PathBuf, at_once: usize) -> Engine {
        let mut config = self.config.clone();
        config.engine.max_active_jobs = at_once;
        config.engine.short_places = 0;
        let parts = Parts {
            library: Library::new(config.storage.models_dir.clone()),
            config,
            store: self.store.clone(),
            folder: self.folder.clone(),
            exe,
            node: NodeId(uuid::Uuid::now_v7().to_string()),
            metrics: Arc::new(Metrics::default()),
            stages,
        };
        Engine::start(parts).await.unwrap()
    }

    pub async fn close(self) {
        self.store.close().await;
    }
}

/// The middle one and the one that one in a hundred exceeds, in milliseconds.
pub struct Spread {
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
}

impl Spread {
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let ms = |permille: usize| {
            let time = times[(times.len() - 1) * permille / 1_000];
            (time.as_secs_f64() * 1e5).round() / 1e2
        };
        Self { p50: ms(500), p99: ms(990), max: ms(1_000) }
    }
}
