"""Makes recordings out of the project's own clips: 16 kHz, mono, 16 bit."""
import io
import os
import pathlib
import wave

RATE = 16_000
CLIPS = pathlib.Path(os.environ.get("CLIPS") or pathlib.Path(__file__).parents[1] / "data" / "speech")


def samples(clip: str) -> bytes:
    with wave.open(str(CLIPS / f"{clip}.wav")) as file:
        return file.readframes(file.getnframes())


def said(clip: str) -> str:
    return (CLIPS / f"{clip}.txt").read_text()


def silence(seconds: float) -> bytes:
    return bytes(2 * int(RATE * seconds))


def recording(*parts: bytes, name: str = "recording.wav") -> tuple[str, bytes]:
    """What the SDK takes as a file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(parts))
    return name, out.getvalue()


def words(text: str) -> list[str]:
    plain = "".join(c if c.isalnum() or c == "'" else " " for c in text.lower())
    return plain.split()
