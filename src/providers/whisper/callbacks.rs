//! What whisper.cpp calls while it works: whether to stop, and what it has heard so far; the audited unsafe of this room.
#![expect(
    unsafe_code,
    reason = "the crate's safe abort setter passes a wrong pointer and never aborts, and there is none for tokens"
)]

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use whisper_rs::{FullParams, WhisperError, WhisperState, WhisperTokenData};

/// Runs `state.full` with an abort flag that another thread may raise at any time. Before each next token `heard`
/// is told those of the window so far; it cannot change them.
///
/// Flag and function are borrowed for the whole call, so the pointers that C++ holds never outlive them; the
/// parameters are consumed, so the pointers cannot be used by a later call.
pub fn full_unless_aborted<F: FnMut(&[WhisperTokenData])>(
    state: &mut WhisperState,
    mut params: FullParams<'_, '_>,
    pcm: &[f32],
    abort: &AtomicBool,
    mut heard: F,
) -> Result<(), WhisperError> {
    // The only one to call `heard` is then this very thread.
    params.set_n_threads(1);
    // SAFETY: `is_raised` and `on_step` match their C signatures and never unwind into C++; what they are given
    // outlives `full`, and whisper.cpp calls them from within that call alone.
    unsafe {
        params.set_abort_callback(Some(is_raised));
        params.set_abort_callback_user_data(std::ptr::from_ref(abort).cast_mut().cast());
        params.set_filter_logits_callback(Some(on_step::<_, _, F>));
        params.set_filter_logits_callback_user_data(std::ptr::from_mut(&mut heard).cast());
    }
    state.full(params, pcm)
}

unsafe extern "C" fn is_raised(flag: *mut c_void) -> bool {
    // SAFETY: `flag` is the `&AtomicBool` given above.
    unsafe { &*flag.cast::<AtomicBool>() }.load(Ordering::Relaxed)
}

/// `C` and `S` are whisper.cpp's context and state, which are not looked at.
unsafe extern "C" fn on_step<C, S, F: FnMut(&[WhisperTokenData])>(
    _context: *mut C,
    _state: *mut S,
    tokens: *const WhisperTokenData,
    count: c_int,
    _logits: *mut f32,
    heard: *mut c_void,
) {
    let tokens = match usize::try_from(count) {
        // SAFETY: whisper.cpp gives a vector of so many tokens, which it leaves alone during this call.
        Ok(count @ 1..) => unsafe { std::slice::from_raw_parts(tokens, count) },
        _ => &[],
    };
    // SAFETY: `heard` is the `F` given above, and one thread calls.
    let heard = unsafe { &mut *heard.cast::<F>() };
    heard(tokens);
}
