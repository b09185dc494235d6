//! The mel filter bank that whisper.cpp expects inside a model file, from Slaney's formula.

const SAMPLE_RATE: f64 = 16_000.0;
const N_FFT: usize = 400;

/// Frequency bins of one filter.
pub const BINS: usize = N_FFT / 2 + 1;

/// `n_mels` triangles of equal area over `BINS` frequency bins, row by row.
pub fn filters(n_mels: usize) -> Vec<f32> {
    let edges = edges(n_mels);
    let mut filters = Vec::with_capacity(n_mels * BINS);
    for window in edges.windows(3) {
        let (low, middle, high) = (window[0], window[1], window[2]);
        let area = 2.0 / (high - low);
        for bin in 0..BINS {
            let hz = bin as f64 * SAMPLE_RATE / N_FFT as f64;
            let (rise, fall) = ((hz - low) / (middle - low), (high - hz) / (high - middle));
            filters.push((rise.min(fall).max(0.0) * area) as f32);
        }
    }
    filters
}

/// The corners of the triangles in hertz, evenly spaced on the mel scale.
fn edges(n_mels: usize) -> Vec<f64> {
    let top = hz_to_mel(SAMPLE_RATE / 2.0);
    let step = top / (n_mels + 1) as f64;
    (0..n_mels + 2)
        .map(|i| mel_to_hz(if i == n_mels + 1 { top } else { i as f64 * step }))
        .collect()
}

/// Slaney's scale is linear up to 1000 Hz and logarithmic above.
const LINEAR_STEP: f64 = 200.0 / 3.0;
const LOG_FROM_HZ: f64 = 1000.0;
const LOG_FROM_MEL: f64 = LOG_FROM_HZ / LINEAR_STEP;

fn log_step() -> f64 {
    6.4_f64.ln() / 27.0
}

fn hz_to_mel(hz: f64) -> f64 {
    if hz < LOG_FROM_HZ {
        return hz / LINEAR_STEP;
    }
    LOG_FROM_MEL + (hz / LOG_FROM_HZ).ln() / log_step()
}

fn mel_to_hz(mel: f64) -> f64 {
    if mel < LOG_FROM_MEL {
        return mel * LINEAR_STEP;
    }
    LOG_FROM_HZ * (log_step() * (mel - LOG_FROM_MEL)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values_are_met() {
        let filters = filters(80);
        assert_eq!(filters.len(), 80 * BINS);
        // The first filter of the published 80-band bank has one bin, its value is known.
        assert_eq!(filters[0], 0.0);
        assert!((filters[1] - 0.024_862_595).abs() < 2e-9, "{}", filters[1]);
        assert!(filters[3..BINS].iter().all(|&weight| weight == 0.0));
    }

    #[test]
    fn every_filter_hears_something_and_nothing_is_negative() {
        for n_mels in [80, 128] {
            for filter in filters(n_mels).chunks(BINS) {
                assert!(filter.iter().all(|&weight| weight >= 0.0));
                assert!(filter.iter().any(|&weight| weight > 0.0));
            }
        }
    }
}
