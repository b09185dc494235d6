//! The `diarist` program: reads the command line and exits with what it says.

use std::process::ExitCode;

fn main() -> ExitCode {
    diarist::cli::run()
}
