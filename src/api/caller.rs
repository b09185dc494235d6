//! Who asks. Until there are keys, whoever passes the guard, and has the token where one is asked for, is the one local person.

use crate::domain::ids::TenantId;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;

/// The first thing that a handler takes; it sees and changes what belongs to this tenant alone.
#[derive(Debug, Clone)]
pub struct Caller {
    pub tenant: TenantId,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self { tenant: TenantId::local() })
    }
}
