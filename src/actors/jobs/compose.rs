//! The last stage of a job: asks language models one after the other, as the books say, and keeps the note.

use super::job::{Halt, JobActor};
use super::messages::JobMsg;
use crate::actors::llm::{Asked, LlmMsg, Outcome};
use crate::actors::supervise::{Me, Reply};
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::failure::{Failure, Verdict};
use crate::domain::job::Job;
use crate::domain::job_state::Event;
use crate::domain::llm::{CallId, CallState};
use crate::domain::note::{Note, Tried};
use crate::domain::transcript::Transcript;
use crate::providers::llm::course::{self, Memo, Next};
use crate::providers::llm::{Ask, extractive};
use crate::store::{jobs, llm_calls, notes, transcripts};
use chrono::{DateTime, FixedOffset};

impl JobActor {
    /// Takes the composition up where the books say that it stands. A call of an earlier claim that is under way here is
    /// waited for; another one that looks like it was lost with whoever made it.
    pub(super) async fn compose(&mut self, me: &Me<Self>, job: Job) -> Result<(), Halt> {
        if self.is_leaving {
            return self.advance(me, job, Event::Interrupted).await;
        }
        let store = &self.shared.store;
        let transcript = transcripts::get(store, &job).await?;
        let recorded_at = job.recorded_at.unwrap_or_else(|| clock::in_local_zone(job.created_at));
        let mut books = llm_calls::list(store, &job).await?;
        if books.iter().any(|call| self.shared.calls.has(call.id)) {
            self.continue_later(me);
            return Ok(());
        }
        let is_open = |state| matches!(state, CallState::Planned | CallState::Sent);
        if books.iter().any(|call| is_open(call.state)) {
            let mut tx = store.write().await?;
            llm_calls::lose_open(&mut tx, &job, clock::now()).await?;
            tx.commit().await?;
            self.shared.tell(job.id);
            books = llm_calls::list(store, &job).await?;
        }
        let memo = Memo { transcript: &transcript, recorded_at };
        let retry = self.shared.config.engine.retry();
        match course::next(&self.shared.staff, memo, &books, retry, clock::now()) {
            Next::Ask(ask) => self.ask_model(me, job, *ask).await,
            Next::Wait { until, why } => self.wait(me, job, until, why).await,
            Next::Done(note) => self.composed(me, job, Some(Ok(*note))).await,
            Next::Extract(tried) => {
                Self::extract(me, transcript, recorded_at, tried);
                Ok(())
            }
        }
    }

    async fn ask_model(&mut self, me: &Me<Self>, job: Job, ask: Ask) -> Result<(), Halt> {
        let call = CallId(uuid::Uuid::now_v7());
        let mut tx = self.shared.store.write().await?;
        llm_calls::plan(&mut tx, &job, call, &ask.key(), clock::now()).await?;
        tx.commit().await?;
        me.show("compose", Some(format!("{} is asked", ask.provider)));
        let asker = me.address().clone();
        let reply = Reply::new(move |outcome| {
            let _ = asker.report(JobMsg::Asked(outcome));
        });
        // Refused, the call is dropped, which tells us through its reply.
        let _ = self.shared.llm.send(LlmMsg::Call(Box::new(Asked { job, call, ask, reply })));
        Ok(())
    }

    /// A call has ended, or was lost. What became of it stands in the books.
    pub(super) async fn asked(
        &mut self,
        me: &Me<Self>,
        job: Job,
        outcome: Option<Outcome>,
    ) -> Result<(), Halt> {
        match outcome {
            Some(Outcome::Ended) => {
                self.put_off = 0;
                self.compose(me, job).await
            }
            Some(Outcome::NotMade) | None => {
                self.continue_later(me);
                Ok(())
            }
        }
    }

    /// Sets the job aside until a provider may be asked again. Waiting costs no attempt.
    async fn wait(
        &mut self,
        me: &Me<Self>,
        job: Job,
        until: Timestamp,
        why: Failure,
    ) -> Result<(), Halt> {
        let hint = "it goes on by itself".to_owned();
        self.broke(me, job, Failure { verdict: Verdict::Park { until }, hint, ..why }).await
    }

    fn extract(
        me: &Me<Self>,
        transcript: Transcript,
        recorded_at: DateTime<FixedOffset>,
        tried: Vec<Tried>,
    ) {
        let asker = me.address().clone();
        let reply = Reply::new(move |note| {
            let _ = asker.report(JobMsg::Composed(note));
        });
        // A panic in the composer drops the reply, which tells us that its answer is lost.
        drop(tokio::task::spawn_blocking(move || {
            let mut note = extractive::compose(&transcript, recorded_at);
            note.composer.tried = tried;
            reply.give(Ok(note));
        }));
    }

    pub(super) async fn composed(
        &mut self,
        me: &Me<Self>,
        job: Job,
        answer: Option<Result<Note, Failure>>,
    ) -> Result<(), Halt> {
        let note = match answer {
            Some(Ok(note)) => note,
            Some(Err(why)) => return self.broke(me, job, why).await,
            None => {
                let why = Failure::retry("composer_failed", "the composer failed", "");
                return self.broke(me, job, why).await;
            }
        };
        let mut tx = self.shared.store.write().await?;
        // Title and tags may have been changed since it was read.
        let job = jobs::hold(&mut tx, &job).await?;
        let note = with_labels(note, &job);
        let job = notes::put(&mut tx, &job, &note, clock::now()).await?;
        let epoch = job.epoch;
        self.advance_in(me, tx, job, Event::Finished(epoch)).await
    }
}

/// The tags that the person gave come first, and the person's title counts.
fn with_labels(note: Note, job: &Job) -> Note {
    let given = &job.options.tags;
    let mut tags = given.clone();
    tags.extend(note.tags.iter().filter(|tag| !given.contains(tag)).cloned());
    let title = job.title.clone().unwrap_or(note.title);
    Note { title, tags, ..note }
}
