//! Stops a running inference through whisper.cpp's abort callback; the audited unsafe of this room.
#![expect(unsafe_code, reason = "the crate's safe setter passes a wrong pointer and never aborts")]

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use whisper_rs::{FullParams, WhisperError, WhisperState};

/// Runs `state.full` with an abort flag that another thread may raise at any time.
///
/// The flag is borrowed for the whole call, so the pointer that C++ holds never outlives it; the
/// parameters are consumed, so the pointer cannot be used by a later call.
pub fn full_unless_aborted(
    state: &mut WhisperState,
    mut params: FullParams<'_, '_>,
    pcm: &[f32],
    abort: &AtomicBool,
) -> Result<(), WhisperError> {
    // SAFETY: `is_raised` matches the C signature, never unwinds, and reads only `abort`, which
    // outlives `full`: whisper.cpp calls it from within that call alone.
    unsafe {
        params.set_abort_callback(Some(is_raised));
        params.set_abort_callback_user_data(std::ptr::from_ref(abort).cast_mut().cast());
    }
    state.full(params, pcm)
}

unsafe extern "C" fn is_raised(flag: *mut c_void) -> bool {
    // SAFETY: `flag` is the `&AtomicBool` given above.
    unsafe { &*flag.cast::<AtomicBool>() }.load(Ordering::Relaxed)
}
