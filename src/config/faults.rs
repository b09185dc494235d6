//! What is wrong with a configuration, all of it at once, each with its key, its value and the reason.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub key: String,
    pub value: String,
    pub reason: String,
}

/// Collects faults while sections validate themselves.
#[derive(Debug, Default)]
pub struct Faults(pub Vec<Fault>);

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}", joined(.0))]
    Invalid(Vec<Fault>),
}

impl Faults {
    /// Notes a fault unless `holds`; says whether it does.
    pub fn check(
        &mut self,
        holds: bool,
        key: &str,
        value: impl fmt::Display,
        reason: &str,
    ) -> bool {
        if !holds {
            let (key, value, reason) = (key.to_owned(), value.to_string(), reason.to_owned());
            self.0.push(Fault { key, value, reason });
        }
        holds
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value.as_str() {
            "" => write!(f, "{}: {}", self.key, self.reason),
            value => write!(f, "{} = {value}: {}", self.key, self.reason),
        }
    }
}

fn joined(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("  {fault}")).collect();
    format!("the configuration cannot be used:\n{}", lines.join("\n"))
}
