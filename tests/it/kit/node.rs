//! A node inside the test, whose engine can be told to let an actor fail.

use super::{DIARIST, diarist};
use diarist::actors::engine::Engine;
use diarist::actors::supervise::ActorView;
use diarist::app::Node;
use diarist::client::Client;
use diarist::config::{Overrides, load};
use figment::value::Value;
use std::path::Path;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct TestNode {
    pub engine: Engine,
    pub client: Client,
    pub url: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl TestNode {
    pub async fn start(data_dir: &Path) -> Self {
        Self::start_with(data_dir, &[]).await
    }

    /// With settings over those of all tests.
    pub async fn start_with(data_dir: &Path, more: &[(&'static str, Value)]) -> Self {
        // Making a command makes sure of the model.
        drop(diarist(data_dir));
        let mut values: Vec<(&'static str, Value)> = vec![
            ("storage.data_dir", data_dir.display().to_string().into()),
            ("whisper.model", "tiny.en".into()),
        ];
        values.extend(more.iter().cloned());
        let loaded = load(&Overrides { file: None, values }).unwrap();
        let bind = "127.0.0.1:0".parse().unwrap();
        let node = Node::start_with(&loaded.config, bind, DIARIST.into()).await.unwrap();
        let (engine, client) = (node.engine().clone(), Client::new(node.url()).unwrap());
        let url = node.url().to_owned();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            node.serve_while(async { drop(stopped.await) }).await.unwrap();
        });
        Self { engine, client, url, stop, serving }
    }

    pub async fn end(self) {
        let _ = self.stop.send(());
        self.serving.await.unwrap();
    }

    /// Looks at the actors until what is looked for is seen; fails after `patience`.
    pub async fn see<T>(
        &self,
        what: &str,
        patience: Duration,
        look: impl Fn(&ActorView) -> Option<T>,
    ) -> T {
        let seen = async {
            loop {
                if let Some(found) = self.engine.actors().as_ref().and_then(&look) {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        match tokio::time::timeout(patience, seen).await {
            Ok(found) => found,
            Err(_) => panic!("not seen in {patience:?}: {what}\n{:#?}", self.engine.actors()),
        }
    }
}

/// The actor whose path satisfies `is`.
pub fn find<'a>(view: &'a ActorView, is: &impl Fn(&ActorView) -> bool) -> Option<&'a ActorView> {
    if is(view) {
        return Some(view);
    }
    view.children.iter().find_map(|child| find(child, is))
}
