//! Which tensors a Whisper model has: their shapes, and their names in ggml and in CTranslate2.

/// The eleven numbers at the head of a ggml file, less the last, which says how it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hparams {
    pub n_vocab: u32,
    pub n_audio_ctx: u32,
    pub n_audio_state: u32,
    pub n_audio_head: u32,
    pub n_audio_layer: u32,
    pub n_text_ctx: u32,
    pub n_text_state: u32,
    pub n_text_head: u32,
    pub n_text_layer: u32,
    pub n_mels: u32,
}

/// The first vocabulary size that has language tokens beside English.
const MULTILINGUAL: u32 = 51_865;

/// One tensor of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    pub name: String,
    /// Outermost first; ggml writes them the other way round.
    pub dims: Vec<u64>,
    pub role: Role,
    pub origin: Origin,
}

/// What decides how ggml stores a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A matrix that whisper.cpp multiplies in the file's own kind of number.
    Weight,
    /// A convolution: half precision unless the whole file is in full precision.
    Convolution,
    /// Biases, norms and positions: always full precision.
    Exact,
}

/// Where CTranslate2 keeps the tensor: rows `part` of `of` equal parts of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub variable: String,
    pub part: u32,
    pub of: u32,
}

impl Hparams {
    pub fn is_multilingual(&self) -> bool {
        self.n_vocab >= MULTILINGUAL
    }

    /// Says what is impossible about these numbers, if anything is.
    pub fn fault(&self) -> Option<String> {
        let checks = [
            ("n_vocab", self.n_vocab, (51_864..=51_900).contains(&self.n_vocab)),
            ("n_audio_ctx", self.n_audio_ctx, (1..=4096).contains(&self.n_audio_ctx)),
            ("n_text_ctx", self.n_text_ctx, (1..=4096).contains(&self.n_text_ctx)),
            ("n_audio_state", self.n_audio_state, is_width(self.n_audio_state)),
            ("n_text_state", self.n_text_state, self.n_text_state == self.n_audio_state),
            ("n_audio_head", self.n_audio_head, divides(self.n_audio_head, self.n_audio_state)),
            ("n_text_head", self.n_text_head, divides(self.n_text_head, self.n_text_state)),
            ("n_audio_layer", self.n_audio_layer, (1..=64).contains(&self.n_audio_layer)),
            ("n_text_layer", self.n_text_layer, (1..=64).contains(&self.n_text_layer)),
            ("n_mels", self.n_mels, self.n_mels == 80 || self.n_mels == 128),
        ];
        let (name, value, _) = checks.into_iter().find(|(.., fine)| !fine)?;
        Some(format!("{name} cannot be {value}"))
    }

    /// All tensors in the order of the files that OpenAI's weights were published in for ggml.
    pub fn tensors(&self) -> Vec<Tensor> {
        let (width, mels) = (u64::from(self.n_audio_state), u64::from(self.n_mels));
        let (audio, text) = (u64::from(self.n_audio_ctx), u64::from(self.n_text_ctx));
        let positions = "position_encodings/encodings";
        let mut all = vec![
            whole(
                "encoder.positional_embedding",
                &[audio, width],
                Role::Exact,
                "encoder",
                positions,
            ),
            whole(
                "encoder.conv1.weight",
                &[width, mels, 3],
                Role::Convolution,
                "encoder",
                "conv1/weight",
            ),
            whole("encoder.conv1.bias", &[width, 1], Role::Exact, "encoder", "conv1/bias"),
            whole(
                "encoder.conv2.weight",
                &[width, width, 3],
                Role::Convolution,
                "encoder",
                "conv2/weight",
            ),
            whole("encoder.conv2.bias", &[width, 1], Role::Exact, "encoder", "conv2/bias"),
            whole(
                "decoder.positional_embedding",
                &[text, width],
                Role::Exact,
                "decoder",
                positions,
            ),
            whole(
                "decoder.token_embedding.weight",
                &[u64::from(self.n_vocab), width],
                Role::Weight,
                "decoder",
                "embeddings/weight",
            ),
        ];
        for layer in 0..self.n_audio_layer {
            all.extend(
                [ATTENTION, FEED_FORWARD]
                    .into_iter()
                    .flatten()
                    .map(|row| row.tensor("encoder", layer, width)),
            );
        }
        for layer in 0..self.n_text_layer {
            all.extend(
                [ATTENTION, CROSS_ATTENTION, FEED_FORWARD]
                    .into_iter()
                    .flatten()
                    .map(|row| row.tensor("decoder", layer, width)),
            );
        }
        for (side, norm) in [("encoder", "ln_post"), ("decoder", "ln")] {
            for (end, variable) in [("weight", "gamma"), ("bias", "beta")] {
                let name = format!("{side}.{norm}.{end}");
                let variable = format!("layer_norm/{variable}");
                all.push(whole(&name, &[width], Role::Exact, side, &variable));
            }
        }
        all
    }
}

impl Tensor {
    pub fn elements(&self) -> u64 {
        self.dims.iter().product()
    }

    pub fn row_length(&self) -> u64 {
        self.dims.last().copied().unwrap_or(1)
    }
}

/// Variables whose rows ggml leaves out, as Whisper's keys have no bias: (layer part, part, of).
pub const KEY_BIASES: [(&str, u32, u32); 2] =
    [("self_attention/linear_0/bias", 1, 3), ("attention/linear_1/bias", 0, 2)];

#[derive(Clone, Copy)]
enum Shape {
    Vector,
    Square,
    WideVector,
    Widening,
    Narrowing,
}
use Shape::{Narrowing, Square, Vector, WideVector, Widening};

/// One tensor of every layer: ggml's name, CTranslate2's name, its shape, and which rows.
struct Row(&'static str, &'static str, Shape, (u32, u32));

const ATTENTION: &[Row] = &[
    Row("attn_ln.weight", "self_attention/layer_norm/gamma", Vector, (0, 1)),
    Row("attn_ln.bias", "self_attention/layer_norm/beta", Vector, (0, 1)),
    Row("attn.query.weight", "self_attention/linear_0/weight", Square, (0, 3)),
    Row("attn.query.bias", "self_attention/linear_0/bias", Vector, (0, 3)),
    Row("attn.key.weight", "self_attention/linear_0/weight", Square, (1, 3)),
    Row("attn.value.weight", "self_attention/linear_0/weight", Square, (2, 3)),
    Row("attn.value.bias", "self_attention/linear_0/bias", Vector, (2, 3)),
    Row("attn.out.weight", "self_attention/linear_1/weight", Square, (0, 1)),
    Row("attn.out.bias", "self_attention/linear_1/bias", Vector, (0, 1)),
];

const CROSS_ATTENTION: &[Row] = &[
    Row("cross_attn_ln.weight", "attention/layer_norm/gamma", Vector, (0, 1)),
    Row("cross_attn_ln.bias", "attention/layer_norm/beta", Vector, (0, 1)),
    Row("cross_attn.query.weight", "attention/linear_0/weight", Square, (0, 1)),
    Row("cross_attn.query.bias", "attention/linear_0/bias", Vector, (0, 1)),
    Row("cross_attn.key.weight", "attention/linear_1/weight", Square, (0, 2)),
    Row("cross_attn.value.weight", "attention/linear_1/weight", Square, (1, 2)),
    Row("cross_attn.value.bias", "attention/linear_1/bias", Vector, (1, 2)),
    Row("cross_attn.out.weight", "attention/linear_2/weight", Square, (0, 1)),
    Row("cross_attn.out.bias", "attention/linear_2/bias", Vector, (0, 1)),
];

const FEED_FORWARD: &[Row] = &[
    Row("mlp_ln.weight", "ffn/layer_norm/gamma", Vector, (0, 1)),
    Row("mlp_ln.bias", "ffn/layer_norm/beta", Vector, (0, 1)),
    Row("mlp.0.weight", "ffn/linear_0/weight", Widening, (0, 1)),
    Row("mlp.0.bias", "ffn/linear_0/bias", WideVector, (0, 1)),
    Row("mlp.2.weight", "ffn/linear_1/weight", Narrowing, (0, 1)),
    Row("mlp.2.bias", "ffn/linear_1/bias", Vector, (0, 1)),
];

impl Row {
    fn tensor(&self, side: &str, layer: u32, width: u64) -> Tensor {
        let Row(name, variable, shape, (part, of)) = *self;
        let dims = match shape {
            Vector => vec![width],
            WideVector => vec![4 * width],
            Square => vec![width, width],
            Widening => vec![4 * width, width],
            Narrowing => vec![width, 4 * width],
        };
        Tensor {
            name: format!("{side}.blocks.{layer}.{name}"),
            role: if dims.len() == 2 { Role::Weight } else { Role::Exact },
            dims,
            origin: Origin { variable: format!("{side}/layer_{layer}/{variable}"), part, of },
        }
    }
}

fn whole(name: &str, dims: &[u64], role: Role, side: &str, variable: &str) -> Tensor {
    let origin = Origin { variable: format!("{side}/{variable}"), part: 0, of: 1 };
    Tensor { name: name.to_owned(), dims: dims.to_vec(), role, origin }
}

fn is_width(width: u32) -> bool {
    (32..=4096).contains(&width) && width.is_multiple_of(32)
}

fn divides(heads: u32, width: u32) -> bool {
    heads > 0 && width.is_multiple_of(heads)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hparams(width: u32, heads: u32, audio: u32, text: u32) -> Hparams {
        Hparams {
            n_vocab: 51_865,
            n_audio_ctx: 1500,
            n_audio_state: width,
            n_audio_head: heads,
            n_audio_layer: audio,
            n_text_ctx: 448,
            n_text_state: width,
            n_text_head: heads,
            n_text_layer: text,
            n_mels: 80,
        }
    }

    #[test]
    fn tiny_base_and_turbo_have_their_known_number_of_tensors() {
        assert_eq!(hparams(384, 6, 4, 4).tensors().len(), 167);
        assert_eq!(hparams(512, 8, 6, 6).tensors().len(), 245);
        assert_eq!(hparams(1280, 20, 32, 4).tensors().len(), 587);
    }

    #[test]
    fn names_are_unique_and_sizes_add_up_to_the_known_model() {
        let tensors = hparams(384, 6, 4, 4).tensors();
        let names: std::collections::HashSet<_> = tensors.iter().map(|t| &t.name).collect();
        assert_eq!(names.len(), tensors.len());
        assert_eq!(tensors.iter().map(Tensor::elements).sum::<u64>(), 37_760_640);
    }

    #[test]
    fn impossible_numbers_are_named() {
        assert_eq!(hparams(384, 6, 4, 4).fault(), None);
        let narrow = Hparams { n_text_state: 512, ..hparams(384, 6, 4, 4) };
        assert_eq!(narrow.fault().as_deref(), Some("n_text_state cannot be 512"));
        let deep = Hparams { n_audio_layer: u32::MAX, ..hparams(384, 6, 4, 4) };
        assert_eq!(deep.fault().as_deref(), Some("n_audio_layer cannot be 4294967295"));
        assert!(Hparams { n_audio_head: 0, ..hparams(384, 6, 4, 4) }.fault().is_some());
    }
}
