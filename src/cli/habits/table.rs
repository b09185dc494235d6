//! The table of habits: each flag of another program, and what it means here.

/// What a flag of another program means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// These flags of ours.
    Flags(&'static [&'static str]),
    /// This option of ours, with the value that follows.
    Option(&'static str),
    /// These flags where `True` follows, none where `False` does.
    Switch(&'static [&'static str]),
    /// A recording follows.
    Recording,
    /// Formats follow, or a recording.
    FormatOrRecording,
    /// The characters of a caption of one line follow.
    Length,
    /// Nothing: what it asks for is so anyhow, or does not touch the result.
    Nothing(&'static str),
    /// The same, and a value follows.
    NothingOf(&'static str),
    /// Nothing where 0 follows; any other value would change the result.
    Zero(&'static str),
    /// It would change the result, and is not offered.
    Refused(&'static str),
}

/// How Diarist listens is measured, not tuned by hand.
const DECODING: &str = "Diarist decodes greedily, and once more with care where it is in doubt";
const SPEECH: &str = "silence is always found and left out";
const NO_GPU: &str = "this build runs on the processor only";
const CUT: &str = "a recording is transcribed whole; cut it first";
const SPEAKERS: &str = "speakers are not told apart yet";
const ENDING: &str = "this format is not written; take srt, vtt, json or tsv";
const CARRIED: &str = "the prompt is always told with every part of the recording";

/// The meaning of a flag as it is typed, if it is one of another program.
pub fn find(flag: &str) -> Option<&'static Means> {
    TABLE.iter().find(|(typed, _)| typed.contains(&flag)).map(|(_, means)| means)
}

/// Every habit: the flag as it may be written, and its meaning.
pub const TABLE: &[(&[&str], Means)] = &[
    // openai-whisper
    (&["--output_format"], Means::Option("--format")),
    (&["--output_dir"], Means::Option("--output-dir")),
    (&["--initial_prompt", "--prompt"], Means::Option("--initial-prompt")),
    (&["--word_timestamps"], Means::Switch(&["--word-timestamps"])),
    (&["--max_line_width"], Means::Option("--max-line-width")),
    (&["--max_line_count"], Means::Option("--max-line-count")),
    (&["--max_words_per_line"], Means::Option("--max-words-per-line")),
    (&["--highlight_words"], Means::Switch(&["--highlight-words"])),
    (&["--verbose"], Means::NothingOf("progress is shown on a terminal; -q is quiet")),
    (&["--fp16"], Means::NothingOf("the weights are used as they are installed")),
    (&["--temperature", "-tp"], Means::Zero("the text would be drawn by lot; only 0 is offered")),
    (&["--best_of", "--best-of", "-bo"], Means::NothingOf(DECODING)),
    (&["--beam_size", "--beam-size", "-bs"], Means::NothingOf(DECODING)),
    (&["--patience"], Means::NothingOf(DECODING)),
    (&["--length_penalty"], Means::NothingOf(DECODING)),
    (
        &["--temperature_increment_on_fallback", "--temperature-inc", "-tpi"],
        Means::NothingOf(DECODING),
    ),
    (&["--compression_ratio_threshold", "--entropy-thold", "-et"], Means::NothingOf(DECODING)),
    (&["--logprob_threshold", "--logprob-thold", "-lpt"], Means::NothingOf(DECODING)),
    (&["--no_speech_threshold", "--no-speech-thold", "-nth"], Means::NothingOf(SPEECH)),
    (&["--hallucination_silence_threshold"], Means::NothingOf(SPEECH)),
    (
        &["--condition_on_previous_text"],
        Means::NothingOf(
            "each part is heard on its own, so that a text never depends on what ran before",
        ),
    ),
    (&["--carry_initial_prompt"], Means::NothingOf(CARRIED)),
    (&["--carry-initial-prompt"], Means::Nothing(CARRIED)),
    (
        &["--prepend_punctuations", "--append_punctuations"],
        Means::NothingOf("signs stay with their word"),
    ),
    (&["--suppress_tokens"], Means::Refused("tokens cannot be suppressed")),
    (&["--suppress-regex"], Means::Refused("tokens cannot be suppressed")),
    (&["--clip_timestamps"], Means::Refused(CUT)),
    (&["--model_dir"], Means::Refused("set DIARIST__STORAGE__MODELS_DIR instead")),
    // whisper-cli
    (&["-otxt", "--output-txt"], Means::Flags(&["--format", "txt"])),
    (&["-ovtt", "--output-vtt"], Means::Flags(&["--format", "vtt"])),
    (&["-osrt", "--output-srt"], Means::Flags(&["--format", "srt"])),
    (&["-oj", "--output-json"], Means::Flags(&["--format", "json"])),
    (&["-ojf", "--output-json-full"], Means::Flags(&["--format", "json", "--word-timestamps"])),
    (&["-ocsv", "--output-csv", "-olrc", "--output-lrc"], Means::Refused(ENDING)),
    (
        &["-owts", "--output-words", "-fp", "--font-path"],
        Means::Refused("no karaoke script is written; take --highlight-words with srt or vtt"),
    ),
    (&["-of"], Means::Option("--output-file")),
    (&["-f"], Means::FormatOrRecording),
    (&["--file"], Means::Recording),
    (&["-tr", "--translate"], Means::Flags(&["--task", "translate"])),
    (&["-np", "--no-prints"], Means::Flags(&["--quiet"])),
    (&["-pp", "--print-progress"], Means::Nothing("progress is shown on a terminal")),
    (
        &["-pc", "--print-colors", "--print-confidence", "-ps", "--print-special"],
        Means::Nothing("the text is printed as it is; json has the probability of each word"),
    ),
    (
        &["-pr", "--print-realtime"],
        Means::Nothing(
            "the text is printed when it is complete; --json tells each segment at once",
        ),
    ),
    (&["-nt", "--no-timestamps"], Means::Nothing("txt has no times")),
    (&["-ml", "--max-len"], Means::Length),
    (&["-sow", "--split-on-word"], Means::Nothing("captions are always divided between words")),
    (&["-p", "--processors"], Means::NothingOf("-t says how many processors are used")),
    (&["-mc", "--max-context"], Means::NothingOf("each part is heard on its own")),
    (&["-ac", "--audio-ctx"], Means::NothingOf(DECODING)),
    (&["-nf", "--no-fallback"], Means::Nothing(DECODING)),
    (&["-wt", "--word-thold"], Means::NothingOf("word times come with --word-timestamps")),
    (&["-dtw", "--dtw"], Means::Refused("word times come with --word-timestamps")),
    (&["-fa", "--flash-attn", "-nfa", "--no-flash-attn"], Means::Nothing(NO_GPU)),
    (&["-ng", "--no-gpu"], Means::Flags(&["--device", "cpu"])),
    (&["-dev"], Means::NothingOf(NO_GPU)),
    (&["-oved", "--ov-e-device"], Means::NothingOf(NO_GPU)),
    (&["-sns", "--suppress-nst"], Means::Nothing("what is no speech is always left out")),
    (&["--vad"], Means::Nothing(SPEECH)),
    (
        &[
            "-vm",
            "--vad-model",
            "-vt",
            "--vad-threshold",
            "-vspd",
            "--vad-min-speech-duration-ms",
            "-vsd",
            "--vad-min-silence-duration-ms",
            "-vmsd",
            "--vad-max-speech-duration-s",
            "-vp",
            "--vad-speech-pad-ms",
            "-vo",
            "--vad-samples-overlap",
        ],
        Means::NothingOf(SPEECH),
    ),
    (&["-ot", "--offset-t", "-on", "--offset-n"], Means::Zero(CUT)),
    (&["-d", "--duration"], Means::Zero(CUT)),
    (&["-di", "-tdrz", "--tinydiarize"], Means::Refused(SPEAKERS)),
    (&["-dl", "--detect-language"], Means::Refused("the language is part of json: -f json")),
    (
        &["--grammar", "--grammar-rule", "--grammar-penalty"],
        Means::Refused("grammars are not offered; --vocabulary names what may be spoken"),
    ),
    (
        &["-debug", "--debug-mode", "-ls", "--log-score"],
        Means::Refused("nothing of this is written; json has the probabilities"),
    ),
];
