//! Sessions in the register: they survive a restart, and the store holds no key that opens one.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use sekimori_journal::JournalError;
use sekimori_journal::register::Register;
use sekimori_policy::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result, SessionStore};

use super::clock;

/// Sessions kept by the register under the SHA-256 of their ids.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<dyn Register>);

impl Sessions {
    /// Sessions in a register.
    pub(crate) fn new(register: Arc<dyn Register>) -> Self {
        Self(register)
    }

    async fn with<T: Send + 'static>(
        &self,
        call: impl FnOnce(&dyn Register) -> std::result::Result<T, JournalError> + Send + 'static,
    ) -> Result<T> {
        let register = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || call(&*register))
            .await
            .map_err(|error| Error::Backend(error.to_string()))?
            .map_err(|error| Error::Backend(error.to_string()))
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

fn key(id: &Id) -> [u8; 32] {
    Sha256::digest(id.0.to_le_bytes()).into()
}

fn moment(at: OffsetDateTime) -> Timestamp {
    let millis = at.unix_timestamp_nanos() / 1_000_000;
    Timestamp::japanese_time(i64::try_from(millis).unwrap_or(i64::MAX))
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while self.load(&record.id).await?.is_some() {
            record.id = Id::default();
        }
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        // The id stays out of it: who reads the store cannot take a session over.
        let data = serde_json::to_vec(&(&record.data, record.expiry_date.unix_timestamp()))
            .map_err(|error| Error::Encode(error.to_string()))?;
        let (key, until) = (key(&record.id), moment(record.expiry_date));
        self.with(move |register| register.save_session(&key, &data, until)).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let key = key(id);
        let data = self.with(move |register| register.session(&key, clock::now())).await?;
        let Some(data) = data else { return Ok(None) };
        let (data, until) = serde_json::from_slice::<(HashMap<String, Value>, i64)>(&data)
            .map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp(until)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let key = key(id);
        self.with(move |register| register.delete_session(&key)).await
    }
}
