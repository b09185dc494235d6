//! One file being decoded: starts the child process, hears it out, reports, ends. Its own end ends the child.

use super::messages::{IngestMsg, Ticket};
use crate::actors::supervise::{ActorSpec, Address, Fault, Limits, Me, Restart, Role};
use crate::providers::audio::{AudioError, DecodeReport, DecodeRequest, run_child};
use async_trait::async_trait;
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::JoinSet;

/// The child says how far it has come many times a minute.
const DECODING: Limits = Limits::ORDINARY.work(Duration::from_secs(300));

pub struct DecoderActor {
    args: DecoderArgs,
    /// The wait for the child process; aborted with this actor, which kills the child.
    tasks: JoinSet<()>,
}

pub struct DecoderArgs {
    pub ticket: Ticket,
    pub exe: PathBuf,
    pub request: DecodeRequest,
    pub timeout: Duration,
    pub ingest: Address<IngestMsg>,
}

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DecoderMsg {
    Begin,
    Done(Box<Result<DecodeReport, AudioError>>),
}

#[async_trait]
impl Role for DecoderActor {
    type Args = DecoderArgs;
    type Message = DecoderMsg;
    const SPEC: ActorSpec = ActorSpec::new("decoder", 1, Restart::transient(3)).limits(DECODING);

    async fn start(me: &Me<Self>, args: Self::Args) -> Result<Self, Fault> {
        // An actor that is starting can always be sent to.
        let _ = me.address().report(DecoderMsg::Begin);
        Ok(Self { args, tasks: JoinSet::new() })
    }

    async fn handle(&mut self, me: &Me<Self>, message: DecoderMsg) -> Result<(), Fault> {
        match message {
            DecoderMsg::Begin => {
                let DecoderArgs { exe, request, timeout, .. } = &self.args;
                let file =
                    request.input.file_name().map(|name| name.to_string_lossy().into_owned());
                me.show("decoding", file);
                let (exe, request, timeout) = (exe.clone(), request.clone(), *timeout);
                let (address, pulse) = (me.address().clone(), me.pulse());
                pulse.beat();
                self.tasks.spawn(async move {
                    let outcome =
                        Box::new(run_child(&exe, &request, timeout, |_| pulse.beat()).await);
                    // An actor that is gone needs no answer.
                    let _ = address.report(DecoderMsg::Done(outcome));
                });
                Ok(())
            }
            DecoderMsg::Done(outcome) => {
                me.end();
                let finished = IngestMsg::Finished(self.args.ticket, *outcome);
                self.args
                    .ingest
                    .report(finished)
                    .map_err(|error| Fault { reason: format!("cannot report to ingest: {error}") })
            }
        }
    }
}
