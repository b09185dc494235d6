//! The arrow of imports, as the code block in ARCHITECTURE.md draws it.

/// Which rooms there are, and whom each may name.
pub struct Arrow {
    /// The chain from left to right; rooms of one place may not name each other.
    places: Vec<Vec<String>>,
    /// Rooms with a line of their own, which name what it says and nothing else.
    own: Vec<(String, Vec<String>)>,
    leaves: Vec<String>,
}

impl Arrow {
    /// Reads the block that holds a line `main → …`; says what is missing otherwise.
    pub fn parse(page: &str) -> Result<Self, String> {
        let block = page
            .split("```")
            .skip(1)
            .step_by(2)
            .find(|block| block.lines().any(|line| line.trim_start().starts_with("main →")))
            .ok_or("ARCHITECTURE.md has no code block with a line `main → …`")?;
        let mut arrow = Self { places: Vec::new(), own: Vec::new(), leaves: Vec::new() };
        for line in block.lines().map(str::trim) {
            if let Some(leaves) = line.strip_prefix("leaves:") {
                arrow.leaves = names(leaves);
            } else if line.starts_with("main →") {
                arrow.places = line.split('→').map(names).collect();
            } else if let Some((room, named)) = line.split_once('→') {
                arrow.own.push((room.trim().to_owned(), names(named)));
            }
        }
        for room in arrow.own.iter().flat_map(|(room, named)| named.iter().chain([room])) {
            if !arrow.knows(room) {
                return Err(format!("ARCHITECTURE.md draws an arrow at the unknown room `{room}`"));
            }
        }
        Ok(arrow)
    }

    pub fn knows(&self, room: &str) -> bool {
        self.leaves.iter().chain(self.places.iter().flatten()).any(|known| known == room)
    }

    /// The last room of the chain is pure: it names nothing, not even a leaf.
    pub fn may_name(&self, room: &str, named: &str) -> bool {
        if room == named {
            return true;
        }
        let leaf = self.leaves.iter().any(|leaf| leaf == named);
        if let Some((_, allowed)) = self.own.iter().find(|(own, _)| own == room) {
            let listed = allowed.iter().any(|allowed| allowed == named);
            return listed || (leaf && self.place(room).is_some());
        }
        let Some(from) = self.place(room) else { return false };
        let pure = from + 1 == self.places.len();
        (leaf && !pure) || self.place(named).is_some_and(|to| to > from)
    }

    fn place(&self, room: &str) -> Option<usize> {
        self.places.iter().position(|place| place.iter().any(|known| known == room))
    }
}

fn names(list: &str) -> Vec<String> {
    list.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
