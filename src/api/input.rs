//! What a handler takes from path, query and body; whatever cannot be read is refused as a problem.

use super::problem::{Problem, kinds};
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The variables of the path.
pub struct Path<T>(pub T);

/// The parameters of the query. A type that denies unknown fields refuses those that it does not know.
pub struct Query<T>(pub T);

/// A body of JSON; none at all is an empty object. A type that denies unknown fields refuses those that it does not know.
pub struct JsonBody<T>(pub T);

/// A form whose parts come one after the other.
pub struct Parted(pub Multipart);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        let refused = |why: PathRejection| Problem::new(&kinds::BAD_REQUEST, why.body_text());
        read.map(|axum::extract::Path(value)| Self(value)).map_err(refused)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        let refused = |why: QueryRejection| Problem::new(&kinds::BAD_REQUEST, why.body_text());
        read.map(|axum::extract::Query(value)| Self(value)).map_err(refused)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let refused = |why: JsonRejection| {
            Problem::new(&kinds::BAD_REQUEST, why.body_text())
                .hint("send JSON with `Content-Type: application/json`")
        };
        let read = match Option::<Json<T>>::from_request(request, state).await {
            Ok(Some(Json(value))) => Ok(value),
            Ok(None) => Json::from_bytes(b"{}").map(|Json(value)| value),
            Err(why) => Err(why),
        };
        read.map(Self).map_err(refused)
    }
}

impl<S: Send + Sync> FromRequest<S> for Parted {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let refused = |why: MultipartRejection| {
            Problem::new(&kinds::BAD_FORM, why.body_text())
                .hint("send multipart/form-data with the recording in a part named `file`")
        };
        Multipart::from_request(request, state).await.map(Self).map_err(refused)
    }
}
