//! How much it hurts to end a line or a caption between two words.

use super::spoken::Spoken;
use super::width::is_wide;

/// Nothing is torn apart.
pub const AFTER_SENTENCE: u32 = 0;
const AFTER_CLAUSE: u32 = 5;
const BEFORE_CONJUNCTION: u32 = 10;
const BEFORE_PREPOSITION: u32 = 14;
const ANYWHERE: u32 = 25;
const AFTER_PRONOUN: u32 = 45;
const IN_NUMBER: u32 = 60;
const AFTER_LEADER: u32 = 60;
const IN_NAME: u32 = 70;
const IN_WIDE_TEXT: u32 = 22;
const IN_WORD: u32 = 200;

/// The small words of a language that lines break around.
struct Joints {
    conjunctions: &'static [&'static str],
    prepositions: &'static [&'static str],
    /// Articles and the like, which lead on to the next word.
    leaders: &'static [&'static str],
    pronouns: &'static [&'static str],
    /// Words with a full stop that ends no sentence.
    titles: &'static [&'static str],
}

const ENGLISH: Joints = Joints {
    conjunctions: &[
        "and", "but", "or", "nor", "so", "yet", "because", "although", "though", "while", "when",
        "where", "if", "unless", "until", "since", "that", "which", "who", "whether", "than", "as",
    ],
    prepositions: &[
        "of", "in", "on", "at", "by", "for", "from", "with", "without", "to", "into", "onto",
        "about", "after", "before", "between", "through", "during", "over", "under", "against",
        "like",
    ],
    leaders: &[
        "a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "these",
        "those", "no", "not", "very", "of", "to", "is", "are", "was", "were", "be", "been", "has",
        "have", "had", "will", "would", "can", "could", "should", "may", "might", "must", "do",
        "does", "did",
    ],
    pronouns: &["i", "you", "he", "she", "it", "we", "they", "who"],
    titles: &["mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "vs.", "e.g.", "i.e.", "no."],
};
const GERMAN: Joints = Joints {
    conjunctions: &[
        "und", "aber", "oder", "denn", "sondern", "weil", "dass", "obwohl", "während", "wenn",
        "als", "ob", "bis", "damit", "sodass", "wo", "wie",
    ],
    prepositions: &[
        "in", "im", "an", "am", "auf", "aus", "bei", "beim", "mit", "nach", "von", "vom", "zu",
        "zum", "zur", "für", "durch", "gegen", "ohne", "um", "über", "unter", "vor", "hinter",
        "zwischen",
    ],
    leaders: &[
        "der", "die", "das", "den", "dem", "des", "ein", "eine", "einen", "einem", "einer",
        "eines", "mein", "meine", "dein", "sein", "seine", "ihr", "ihre", "unser", "kein", "keine",
        "nicht", "sehr",
    ],
    pronouns: &["ich", "du", "er", "sie", "es", "wir"],
    titles: &["hr.", "fr.", "dr.", "prof.", "z.b.", "nr.", "st."],
};
const FRENCH: Joints = Joints {
    conjunctions: &[
        "et", "mais", "ou", "donc", "car", "que", "qui", "parce", "puisque", "quand", "si",
        "comme", "lorsque", "dont", "où",
    ],
    prepositions: &[
        "de", "du", "des", "à", "au", "aux", "dans", "en", "sur", "sous", "avec", "sans", "pour",
        "par", "chez", "entre", "vers", "contre", "pendant", "depuis",
    ],
    leaders: &[
        "le", "la", "les", "un", "une", "mon", "ma", "mes", "ton", "son", "sa", "ses", "notre",
        "votre", "leur", "ce", "cet", "cette", "ces", "ne", "très",
    ],
    pronouns: &["je", "tu", "il", "elle", "on", "nous", "vous", "ils", "elles"],
    titles: &["m.", "mme.", "dr.", "st."],
};
const SPANISH: Joints = Joints {
    conjunctions: &[
        "y", "e", "o", "u", "pero", "sino", "porque", "aunque", "que", "cuando", "si", "como",
        "mientras", "donde", "pues",
    ],
    prepositions: &[
        "de", "del", "a", "al", "en", "con", "sin", "por", "para", "sobre", "entre", "hacia",
        "hasta", "desde", "contra", "durante",
    ],
    leaders: &[
        "el", "la", "los", "las", "un", "una", "unos", "unas", "mi", "tu", "su", "mis", "sus",
        "nuestro", "este", "esta", "ese", "esa", "no", "muy",
    ],
    pronouns: &["yo", "tú", "él", "ella", "nosotros", "ellos", "ellas"],
    titles: &["sr.", "sra.", "dr.", "dra."],
};
const ANY: Joints =
    Joints { conjunctions: &[], prepositions: &[], leaders: &[], pronouns: &[], titles: &[] };

fn joints(language: &str) -> &'static Joints {
    match language {
        "en" => &ENGLISH,
        "de" => &GERMAN,
        "fr" => &FRENCH,
        "es" => &SPANISH,
        _ => &ANY,
    }
}

/// What a break between two neighbours costs.
pub fn cost(before: &Spoken<'_>, after: &Spoken<'_>) -> u32 {
    if ends_sentence(before) {
        return AFTER_SENTENCE;
    }
    if before.text.ends_with([',', ';', ':', '–', '—', ')', '、', '，', '；', '：']) {
        return AFTER_CLAUSE;
    }
    if after.glued {
        let wide = before.text.ends_with(is_wide) || after.text.starts_with(is_wide);
        return if wide { IN_WIDE_TEXT } else { IN_WORD };
    }
    let joints = joints(after.language);
    let (left, right) = (bare(before.text), bare(after.text));
    let digit = |c: char| c.is_ascii_digit();
    if before.text.contains(digit) || after.text.starts_with(digit) {
        return IN_NUMBER;
    }
    let capital = |text: &str| text.starts_with(char::is_uppercase);
    let german_noun = after.language == "de" && joints.leaders.contains(&left.as_str());
    if capital(before.text) && capital(after.text) && left != "i" && right != "i" && !german_noun {
        return IN_NAME;
    }
    let within = |words: &[&str], word: &str| words.contains(&word);
    match () {
        () if within(joints.titles, &before.text.to_lowercase()) => IN_NAME,
        () if within(joints.leaders, &left) => AFTER_LEADER,
        () if within(joints.prepositions, &left) => AFTER_LEADER,
        () if within(joints.pronouns, &left) => AFTER_PRONOUN,
        () if within(joints.conjunctions, &right) => BEFORE_CONJUNCTION,
        () if within(joints.prepositions, &right) => BEFORE_PREPOSITION,
        () if within(joints.conjunctions, &left) => AFTER_PRONOUN,
        () => ANYWHERE,
    }
}

/// A full stop behind a title or an initial ends no sentence.
pub fn ends_sentence(word: &Spoken<'_>) -> bool {
    let text = word.text.trim_end_matches(['"', '\'', '”', '’', ')', '»', '」', '』']);
    if !text.ends_with(['.', '?', '!', '…', '。', '？', '！', '।', '؟']) {
        return false;
    }
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let initial = letters == 1 && text.starts_with(char::is_uppercase) && text.ends_with('.');
    !initial && !joints(word.language).titles.contains(&text.to_lowercase().as_str())
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(before: &str, after: &str) -> u32 {
        let word = |text| Spoken {
            text,
            columns: 0,
            start_ms: 0,
            end_ms: 0,
            glued: false,
            language: "en",
            speaker: None,
        };
        cost(&word(before), &word(after))
    }

    #[test]
    fn a_line_rather_ends_where_a_thought_does() {
        let order = [
            between("home.", "Then"),
            between("home,", "then"),
            between("home", "and"),
            between("home", "with"),
            between("went", "home"),
            between("she", "went"),
            between("the", "home"),
            between("Anna", "Karenina"),
        ];
        assert!(order.is_sorted(), "{order:?}");
        assert_eq!(between("Dr.", "Watson"), IN_NAME);
        assert_eq!(between("J.", "Watson"), IN_NAME);
        assert_eq!(between("20", "miles"), IN_NUMBER);
    }
}
