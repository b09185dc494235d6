//! `[llm]`: which language models may compose a note, in which order, and how patiently they are asked.

use super::faults::Faults;
use super::secret::Secret;
use super::span::Span;
use crate::domain::llm::ProviderId;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LlmConfig {
    pub policy: Policy,
    pub prices: PathBuf,
    pub tries_max: u32,
    pub park_max_ms: u64,
    pub max_answer_bytes: usize,
    pub openai: ProviderConfig,
    pub anthropic: ProviderConfig,
    pub mistral: ProviderConfig,
    pub local: ProviderConfig,
}

/// One provider. The names are the same for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    pub base_url: String,
    pub model: String,
    pub api_key: Secret,
    pub requests_per_minute: u32,
    pub tokens_per_minute: u32,
    pub max_concurrency: usize,
    pub max_input_tokens: u64,
    pub max_output_tokens: u32,
    pub connect_timeout_ms: u64,
    pub first_token_timeout_ms: u64,
    pub timeout: Span,
}

/// Whom to ask. Until there is routing by price and speed, each policy is a fixed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    Cheapest,
    Fastest,
    Best,
    /// Nothing of the memo leaves this machine.
    LocalOnly,
    /// No language model at all.
    Extractive,
    Openai,
    Anthropic,
    Mistral,
    Local,
}

impl LlmConfig {
    pub fn provider(&self, id: ProviderId) -> &ProviderConfig {
        match id {
            ProviderId::Openai => &self.openai,
            ProviderId::Anthropic => &self.anthropic,
            ProviderId::Mistral => &self.mistral,
            ProviderId::Local => &self.local,
        }
    }

    /// A provider counts once it has a key; a local one has none, but an address.
    pub fn is_configured(&self, id: ProviderId) -> bool {
        let provider = self.provider(id);
        match id {
            ProviderId::Local => !provider.base_url.is_empty(),
            ProviderId::Openai | ProviderId::Anthropic | ProviderId::Mistral => {
                !provider.api_key.is_empty()
            }
        }
    }

    /// Who is asked for a note, one after the other. A provider that was named stays in, configured or not: the
    /// note has to say why it was not asked.
    pub fn chain(&self) -> Vec<ProviderId> {
        use ProviderId::{Anthropic, Local, Mistral, Openai};
        let any = |order: [ProviderId; 4]| {
            order.into_iter().filter(|id| self.is_configured(*id)).collect::<Vec<_>>()
        };
        match self.policy {
            Policy::Best | Policy::Fastest => any([Openai, Anthropic, Mistral, Local]),
            Policy::Cheapest => any([Local, Mistral, Openai, Anthropic]),
            Policy::LocalOnly | Policy::Local => vec![Local],
            Policy::Openai => vec![Openai],
            Policy::Anthropic => vec![Anthropic],
            Policy::Mistral => vec![Mistral],
            Policy::Extractive => Vec::new(),
        }
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        let at_least_one = "must be at least 1";
        faults.check(self.tries_max >= 1, "llm.tries_max", self.tries_max, at_least_one);
        faults.check(
            (1_024..=16_777_216).contains(&self.max_answer_bytes),
            "llm.max_answer_bytes",
            self.max_answer_bytes,
            "must be 1024 to 16777216",
        );
        ProviderId::ALL.into_iter().for_each(|id| self.provider(id).validate(id, faults));
        let local = &self.local;
        faults.check(
            local.base_url.is_empty() || !local.model.is_empty(),
            "llm.local.model",
            "",
            "name the model that the server at llm.local.base_url serves",
        );
        faults.check(
            self.policy != Policy::LocalOnly || local.base_url.is_empty() || local.is_loopback(),
            "llm.local.base_url",
            &local.base_url,
            "with llm.policy = local_only nothing leaves this machine: use 127.0.0.1, or the policy `local`",
        );
    }
}

impl ProviderConfig {
    pub fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub fn first_token_timeout(&self) -> Duration {
        Duration::from_millis(self.first_token_timeout_ms)
    }

    /// Whether the server is on this very machine.
    pub fn is_loopback(&self) -> bool {
        let Some(host) = host(&self.base_url) else { return false };
        let ip = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
        host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
    }

    fn validate(&self, id: ProviderId, faults: &mut Faults) {
        let key = |name: &str| format!("llm.{}.{name}", id.as_str());
        let unset = id == ProviderId::Local && self.base_url.is_empty();
        // An address with a name and a password in it is not repeated.
        let shown = if self.base_url.contains('@') { "***" } else { &self.base_url };
        faults.check(
            unset || host(&self.base_url).is_some(),
            &key("base_url"),
            shown,
            "must be http:// or https:// with a host, and without a user; keys belong in api_key",
        );
        faults.check(
            id == ProviderId::Local || !self.model.is_empty(),
            &key("model"),
            "",
            "name a model",
        );
        let key_is_sendable = self.api_key.reveal().chars().all(|c| c.is_ascii_graphic());
        faults.check(key_is_sendable, &key("api_key"), "***", "has spaces or odd characters");
        let positive = "must be at least 1";
        for (name, value) in [
            ("max_concurrency", self.max_concurrency as u64),
            ("max_input_tokens", self.max_input_tokens),
            ("max_output_tokens", u64::from(self.max_output_tokens)),
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("first_token_timeout_ms", self.first_token_timeout_ms),
        ] {
            faults.check(value >= 1, &key(name), value, positive);
        }
        faults.check(
            self.timeout.0 >= self.first_token_timeout(),
            &key("timeout"),
            self.timeout,
            "must not be below first_token_timeout_ms",
        );
    }
}

/// The host of an address that can be used.
fn host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://").or(url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(v6) => &authority[..v6.find(']')? + 2],
        None => authority.split(':').next()?,
    };
    let plain = !host.is_empty() && !authority.contains(['@', ' ']);
    plain.then_some(host)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::config::{Overrides, load};
    use figment::value::Value;

    fn with(values: &[(&'static str, &str)]) -> Result<LlmConfig, String> {
        let values = values.iter().map(|(key, value)| (*key, Value::from(*value))).collect();
        let loaded = load(&Overrides { file: None, values });
        loaded.map(|loaded| loaded.config.llm).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_key_nobody_is_asked_and_a_named_provider_stays_named() {
        assert_eq!(with(&[]).unwrap().chain(), []);
        assert_eq!(with(&[("llm.policy", "mistral")]).unwrap().chain(), [ProviderId::Mistral]);
        let all = [
            ("llm.openai.api_key", "k1"),
            ("llm.anthropic.api_key", "k2"),
            ("llm.local.base_url", "http://127.0.0.1:11434/v1"),
            ("llm.local.model", "llama"),
        ];
        let best = [ProviderId::Openai, ProviderId::Anthropic, ProviderId::Local];
        assert_eq!(with(&all).unwrap().chain(), best);
        let local = [&all[..], &[("llm.policy", "local_only")]].concat();
        assert_eq!(with(&local).unwrap().chain(), [ProviderId::Local]);
        let none = [&all[..], &[("llm.policy", "extractive")]].concat();
        assert_eq!(with(&none).unwrap().chain(), []);
    }

    #[test]
    fn local_only_takes_no_server_elsewhere() {
        let at = |url| {
            let model = ("llm.local.model", "m");
            with(&[("llm.policy", "local_only"), ("llm.local.base_url", url), model])
        };
        for url in ["http://localhost:1234/v1", "http://127.0.0.1:8080", "http://[::1]:9"] {
            assert!(at(url).is_ok(), "{url}");
        }
        for url in ["http://192.168.1.9:11434", "https://localhost.example.org", "file:///x"] {
            assert!(at(url).unwrap_err().contains("llm.local.base_url"), "{url}");
        }
    }

    #[test]
    fn an_address_with_a_password_is_refused_and_not_repeated() {
        let told = with(&[("llm.openai.base_url", "https://me:hunter2@example.org")]).unwrap_err();
        assert!(told.contains("llm.openai.base_url") && !told.contains("hunter2"), "{told}");
    }
}
