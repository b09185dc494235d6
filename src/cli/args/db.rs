//! The arguments of `diarist db`.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Bring the tables up to date; a server does it by itself when it starts
    #[command(after_help = "Examples:\n  diarist db migrate")]
    Migrate,
    /// Copy the database into a file, also while a server uses it
    #[command(
        after_help = "The copy holds jobs, transcripts, notes, corrections and costs. It does not hold the recordings,\n\
        which are files: copy audio/ in the data folder as well, after this. With PostgreSQL, use pg_dump.\n\n\
        Examples:\n  diarist db backup diary-backup.db"
    )]
    Backup {
        /// Where the copy goes; one that is there is replaced when the new one is whole
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Put a copy in the place of the database; no server may use it
    #[command(
        after_help = "The copy is verified first. What was there before is kept beside it.\n\n\
        Examples:\n  diarist db restore diary-backup.db"
    )]
    Restore {
        /// A file that `db backup` has made
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Verify that the database is whole and keeps to its own rules
    #[command(
        after_help = "Changes nothing. Exits with 1 where something is wrong.\n\nExamples:\n  diarist db verify"
    )]
    Verify,
}
