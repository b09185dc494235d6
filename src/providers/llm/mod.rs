//! Turns a transcript into a diary note, with a language model or without one.
//! It never reads a file, a clock or the store: what it needs comes in as arguments.
//! Start at [`extractive::compose`], the composer that is always there.

pub mod extractive;
