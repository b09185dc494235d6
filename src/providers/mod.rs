//! The outside world behind plain functions: audio decoding, Whisper, the composers of notes, model weights.
//! It never knows a job, a database row or an actor, and never imports the store.
//! Start reading at [`whisper`] for sound to text, or [`audio`] for file to sound.

pub mod audio;
pub mod lan;
pub mod llm;
pub mod machine;
pub mod models;
pub mod sample;
pub mod storage;
pub mod whisper;
