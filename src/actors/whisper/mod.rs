//! From sound to text: a bounded pool of chunks, and devices that each own one worker process.
//! It never knows a job's state; it answers whoever asked, or the answer is told as lost.
//! Start reading at [`PoolActor`], which hands out chunks; then at `device`, which owns the process.

mod board;
mod device;
mod line;
mod messages;
mod pool;

pub use board::{Loaded, PoolBoard};
pub use messages::{Heard, Outcome, Partial, PoolMsg, Sound, Task, Weights, What};
pub use pool::{PoolActor, PoolArgs};
