//! The memo that comes with the program: a minute of English, so that nothing has to be at hand.

pub const NAME: &str = "memo.m4a";
pub const MEMO: &[u8] = include_bytes!("../../samples/memo.m4a");
