//! How to use the server from another device: links, the code of the first one, and the certificate's fingerprint.

use crate::app::Invitation;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use std::fmt::Write;

/// The one place where the token is shown.
pub fn words(invitation: &Invitation, coloured: bool) -> String {
    let Invitation { addresses, token, fingerprint, self_signed } = invitation;
    let token = token.reveal();
    let links: Vec<String> =
        addresses.iter().map(|to| format!("https://{to}/?token={token}")).collect();
    let mut words = String::from("other devices of this network reach the diary at\n");
    for link in &links {
        let _ = writeln!(words, "  {link}");
    }
    if let Some(code) = links.first().and_then(|link| code(link, coloured)) {
        let _ = write!(words, "scan the first link with a phone:\n\n{code}\n");
    }
    if *self_signed {
        words.push_str(
            "the browser warns once: nobody but this machine vouches for the certificate\n",
        );
    }
    let _ = write!(
        words,
        "SHA-256 fingerprint of the certificate:\n  {}\n\
         whoever has the link can read the diary: keep it as you keep a key",
        in_pairs(fingerprint)
    );
    words
}

/// Black on white where colours are possible; elsewhere blocks are the light parts, as terminals are dark.
fn code(link: &str, coloured: bool) -> Option<String> {
    let code = QrCode::with_error_correction_level(link, EcLevel::L).ok()?;
    let mut picture = code.render::<Dense1x2>();
    if !coloured {
        picture.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark);
    }
    let lines = picture.build();
    let (begin, end) = if coloured { ("\x1b[38;5;16;48;5;231m", "\x1b[0m") } else { ("", "") };
    Some(lines.lines().map(|line| format!("  {begin}{line}{end}\n")).collect())
}

/// As browsers show it: `AB:CD:…`.
fn in_pairs(fingerprint: &str) -> String {
    let digits: Vec<char> = fingerprint.to_ascii_uppercase().chars().collect();
    digits.chunks(2).map(|pair| pair.iter().collect()).collect::<Vec<String>>().join(":")
}
