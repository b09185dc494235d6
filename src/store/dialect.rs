//! All that the two databases say in different words. Everything else is one SQL with `$n` for both.

/// The words of one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Lite,
    Pg,
}

impl Dialect {
    /// After a select of rows that this transaction goes on to change: nobody else changes them meanwhile.
    /// SQLite has one writer, who needs no such word.
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Lite => "",
            Self::Pg => " for update",
        }
    }

    /// After a select of rows to claim: those that somebody else is claiming just now are left out.
    pub fn for_update_skip_locked(self) -> &'static str {
        match self {
            Self::Lite => "",
            Self::Pg => " for update skip locked",
        }
    }

    /// The state of a queued job that is claimed: what the machine makes of it, as JSON.
    pub fn running_state(self) -> &'static str {
        match self {
            Self::Lite => {
                "json_object('status', 'running', 'work', json_extract(state, '$.work'), 'epoch', epoch + 1)"
            }
            Self::Pg => {
                "json_build_object('status', 'running', 'work', state::json -> 'work', 'epoch', epoch + 1)::text"
            }
        }
    }

    /// Whether the node in `node` answers for a claim: for its own, and for those of nodes without a lease. On SQLite
    /// whoever holds the data folder answers for all of them.
    pub fn answers_for(self, node: &str) -> String {
        match self {
            Self::Lite => format!("{node} <> ''"),
            Self::Pg => {
                let leased = self.leased("jobs.node");
                format!("(node = {node} or not {leased})")
            }
        }
    }

    /// Whether the node in `node` may work.
    pub fn leased(self, node: &str) -> String {
        match self {
            Self::Lite => format!("{node} <> ''"),
            Self::Pg => {
                let now = self.now_ms();
                format!(
                    "exists (select 1 from nodes where nodes.id = {node} and lease_until > {now})"
                )
            }
        }
    }

    /// The database's own clock, in epoch milliseconds.
    pub fn now_ms(self) -> &'static str {
        match self {
            Self::Lite => "cast(unixepoch('subsec') * 1000 as integer)",
            Self::Pg => "(extract(epoch from clock_timestamp()) * 1000)::bigint",
        }
    }

    /// A column that the planner shall not begin with. SQLite's planner must be told, PostgreSQL's counts rows itself.
    pub fn unindexed(self, column: &str) -> String {
        match self {
            Self::Lite => format!("+{column}"),
            Self::Pg => column.to_owned(),
        }
    }

    /// The strings of an array inside a JSON column as a table with the column `value`.
    pub fn each_text(self, column: &str, field: &str) -> String {
        match self {
            Self::Lite => format!("json_each({column}, '$.{field}')"),
            Self::Pg => {
                format!("json_array_elements_text({column}::json -> '{field}') as element (value)")
            }
        }
    }

    /// All values of a text column as one JSON array, in the order of the rows.
    pub fn text_array(self, column: &str) -> String {
        match self {
            Self::Lite => format!("json_group_array({column})"),
            Self::Pg => format!("coalesce(json_agg({column})::text, '[]')"),
        }
    }

    /// A text of a JSON column; null where there is none.
    pub fn json_text(self, column: &str, field: &str) -> String {
        match self {
            Self::Lite => format!("json_extract({column}, '$.{field}')"),
            Self::Pg => format!("{column}::json ->> '{field}'"),
        }
    }

    /// A whole number of a JSON column; null where there is none.
    pub fn json_int(self, column: &str, field: &str) -> String {
        match self {
            Self::Lite => format!("json_extract({column}, '$.{field}')"),
            Self::Pg => format!("({column}::json ->> '{field}')::bigint"),
        }
    }

    /// A bound JSON array of arrays as a table: many rows go into one statement. Columns are in the order of the arrays.
    pub fn rows(self, values: &str, columns: &[(&str, Kind)]) -> String {
        let column = |(idx, (name, kind)): (usize, &(&str, Kind))| match (self, kind) {
            (Self::Lite, _) => format!("json_extract(value, '$[{idx}]') as {name}"),
            (Self::Pg, Kind::Text) => format!("value ->> {idx} as {name}"),
            (Self::Pg, Kind::Int) => format!("(value ->> {idx})::bigint as {name}"),
            (Self::Pg, Kind::Real) => format!("(value ->> {idx})::double precision as {name}"),
        };
        let columns = columns.iter().enumerate().map(column).collect::<Vec<_>>().join(", ");
        match self {
            Self::Lite => format!("(select {columns} from jsonb_each({values}))"),
            Self::Pg => format!(
                "(select {columns} from jsonb_array_elements({values}::jsonb) as one (value))"
            ),
        }
    }

    /// Statements of which none meets what another one writes, as one wherever the database can.
    pub fn together(self, statements: Vec<String>) -> Vec<String> {
        if self == Self::Lite || statements.len() < 2 {
            return statements;
        }
        let parts = statements.iter().enumerate().map(|(n, sql)| format!("part_{n} as ({sql})"));
        let parts = parts.collect::<Vec<_>>().join(", ");
        vec![format!("with {parts} select 1")]
    }
}

/// What a column of [`Dialect::rows`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int,
    Real,
    Text,
}
