//! The store, the same on both databases: one contract, and a comparison of the two over random operations.

mod contract;
mod differential;
mod sample;
mod two_nodes;
mod upgrade;
