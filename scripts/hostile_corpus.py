#!/usr/bin/env python3
"""Writes files that lie, loop, explode or are no recording at all, the same bytes at every run.

usage: scripts/hostile_corpus.py DIR

Nothing that a stranger uploads may hurt the server: tests/it/hostile.rs sends every one of these to a real one,
and `make fuzz` starts from them. They are made of tests/data/memo.* and of headers written by hand; none is large.
"""

import pathlib
import random
import struct
import sys
import zlib

DATA = pathlib.Path(__file__).resolve().parent.parent / "tests/data"
FORMATS = ["wav", "mp3", "m4a", "flac", "ogg", "opus"]
U32 = 0xFFFF_FFFF
HOUR_S = 3600


def memo(kind):
    return (DATA / f"memo.{kind}").read_bytes()


def noise(size, seed):
    return random.Random(seed).randbytes(size)


# --- truncations and damage -------------------------------------------------------------------------------------


def truncations():
    for kind in FORMATS:
        whole = memo(kind)
        yield f"cut-head.{kind}", whole[:40]
        yield f"cut-half.{kind}", whole[: len(whole) // 2]
        yield f"cut-front.{kind}", whole[len(whole) // 2 :]
        holed = bytearray(whole)
        for at in range(len(whole) // 3, len(whole), 997):
            holed[at] ^= 0x55
        yield f"bits-flipped.{kind}", bytes(holed)


# --- WAV --------------------------------------------------------------------------------------------------------


def wav(samples=b"", tag=1, channels=1, rate=16_000, bits=16, align=None, riff=None, data=None, fmt=16, before=b""):
    align = channels * bits // 8 & 0xFFFF if align is None else align
    form = struct.pack("<HHIIHH", tag, channels, rate & U32, rate * max(align, 1) & U32, align, bits)
    body = b"fmt " + struct.pack("<I", fmt) + form + before
    body += b"data" + struct.pack("<I", len(samples) if data is None else data) + samples
    return b"RIFF" + struct.pack("<I", len(body) + 4 if riff is None else riff) + b"WAVE" + body


def lying_wavs():
    speech = memo("wav")[78:]
    yield "wav-data-of-0-bytes.wav", wav(speech, data=0)
    yield "wav-data-of-4-GiB.wav", wav(speech, data=U32, riff=U32)
    yield "wav-declares-24-hours.wav", wav(speech, data=16_000 * 2 * 24 * HOUR_S)
    yield "wav-riff-of-0-bytes.wav", wav(speech, riff=0)
    yield "wav-0-channels.wav", wav(speech, channels=0)
    yield "wav-65535-channels.wav", wav(speech, channels=65_535)
    yield "wav-rate-0.wav", wav(speech, rate=0)
    yield "wav-rate-1.wav", wav(speech, rate=1)
    yield "wav-rate-4-GHz.wav", wav(speech, rate=U32)
    yield "wav-0-bits.wav", wav(speech, bits=0, align=0)
    yield "wav-65535-bits.wav", wav(speech, bits=65_535)
    yield "wav-align-0.wav", wav(speech, align=0)
    yield "wav-unknown-tag.wav", wav(speech, tag=0x7777)
    yield "wav-adpcm-in-name-only.wav", wav(speech, tag=2, bits=4, align=1)
    yield "wav-extensible-cut.wav", wav(speech, tag=0xFFFE)
    yield "wav-fmt-of-4-GiB.wav", wav(speech, fmt=U32)
    yield "wav-100000-empty-chunks.wav", wav(speech, before=b"junk\0\0\0\0" * 100_000)
    yield "wav-lists-in-lists.wav", wav(speech, before=b"LIST\xff\xff\xff\x7fINFO" * 20_000)
    yield "wav-not-a-number.wav", wav(struct.pack("<f", float("nan")) * 16_000, tag=3, bits=32)
    yield "wav-infinitely-loud.wav", wav(struct.pack("<ff", float("inf"), -3.4e38) * 8_000, tag=3, bits=32)
    yield "wav-64-bit-sizes.wav", (
        b"RF64" + b"\xff" * 4 + b"WAVEds64" + struct.pack("<IQQQI", 28, 2**63, 2**63, 2**63, 0) + wav(speech)[12:]
    )
    yield "wav-in-name-html-inside.wav", wav(b"<html><script>alert(1)</script></html>" * 100)


# --- MP4 --------------------------------------------------------------------------------------------------------


def atom(kind, body=b"", size=None):
    return struct.pack(">I", len(body) + 8 if size is None else size) + kind + body


def full(kind, body, version=0):
    return atom(kind, bytes([version, 0, 0, 0]) + body)


FTYP = atom(b"ftyp", b"M4A \0\0\2\0M4A isom")
tagged = lambda tag, body: bytes([tag, len(body)]) + body
ESDS = full(
    b"esds",
    tagged(3, b"\0\1\0" + tagged(4, b"\x40\x15" + bytes(11) + tagged(5, b"\x14\x08")) + tagged(6, b"\2")),
)


def m4a(
    duration=48_000, scale=16_000, stts=((50, 1024),), stsc=((1, 1, 1),), sizes=None, count=50, chunks=None, extra=b"",
    mvhd=None, udta=b"", esds=ESDS, rate=16_000,
):
    """An AAC track whose tables say what they are told to; its packets are noise."""
    packets = noise(50 * 100, 4)
    sizes = [100] * 50 if sizes is None else sizes
    first = len(FTYP) + 8
    chunks = [first + 100 * n for n in range(50)] if chunks is None else chunks
    table = lambda rows, width: struct.pack(">I", len(rows)) + b"".join(struct.pack(f">{width}I", *row) for row in rows)
    entry = atom(
        b"mp4a", bytes(6) + struct.pack(">HQHHIHH", 1, 0, 1, 16, 0, 0, 0)[:-4] + struct.pack(">I", rate << 16 & U32) + esds
    )
    stbl = atom(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1) + entry)
        + full(b"stts", table(stts, 2))
        + full(b"stsc", table(stsc, 3))
        + full(b"stsz", struct.pack(">II", 0, count) + b"".join(struct.pack(">I", size) for size in sizes))
        + full(b"stco", struct.pack(">I", len(chunks)) + b"".join(struct.pack(">I", at & U32) for at in chunks))
        + extra,
    )
    minf = atom(b"minf", full(b"smhd", bytes(4)) + stbl)
    mdhd = full(b"mdhd", struct.pack(">IIIIHH", 0, 0, scale, duration & U32, 0x55C4, 0))
    mdia = atom(b"mdia", mdhd + full(b"hdlr", bytes(4) + b"soun" + bytes(13)) + minf)
    tkhd = full(b"tkhd", struct.pack(">IIIII", 0, 0, 1, 0, duration & U32) + bytes(60))
    mvhd = struct.pack(">IIII", 0, 0, scale, duration & U32) if mvhd is None else mvhd
    moov = atom(b"moov", full(b"mvhd", mvhd + bytes(80)) + atom(b"trak", tkhd + mdia) + udta)
    return FTYP + atom(b"mdat", packets) + moov


def nested(kind, depth):
    return b"".join(atom(kind, size=8 * (depth - level)) for level in range(depth))


def lying_mp4s():
    yield "mp4-20000-boxes-deep.m4a", FTYP + nested(b"moov", 20_000)
    yield "mp4-traks-in-traks.m4a", FTYP + atom(b"moov", nested(b"trak", 10_000))
    yield "mp4-metas-in-metas.m4a", m4a(udta=atom(b"udta", nested(b"meta", 10_000)))
    yield "mp4-box-of-0-bytes.m4a", FTYP + atom(b"moov", bytes(64), size=0) + atom(b"mdat", bytes(64))
    yield "mp4-box-of-4-bytes.m4a", FTYP + atom(b"moov", bytes(64), size=4)
    yield "mp4-box-of-8-EiB.m4a", FTYP + struct.pack(">I4sQ", 1, b"moov", 2**63 - 1) + bytes(64)
    yield "mp4-100000-free-boxes.m4a", FTYP + atom(b"free") * 100_000
    yield "mp4-only-a-beginning.m4a", FTYP
    yield "mp4-no-index.m4a", FTYP + atom(b"mdat", noise(20_000, 5), size=0)
    yield "mp4-packets-of-noise.m4a", m4a()
    yield "mp4-10-to-the-9-samples.m4a", m4a(stts=[(10**9, 1024)], count=10**9, duration=U32)
    yield "mp4-4-billion-sizes.m4a", m4a(count=U32)
    yield "mp4-one-size-for-billions.m4a", m4a(sizes=[], count=U32).replace(
        struct.pack(">I4sIII", 20, b"stsz", 0, 0, U32), struct.pack(">I4sIII", 20, b"stsz", 0, 1, U32)
    )
    yield "mp4-lasts-years.m4a", m4a(duration=U32, scale=1, mvhd=struct.pack(">IIII", U32, U32, 1, U32))
    yield "mp4-no-time-scale.m4a", m4a(scale=0)
    yield "mp4-delta-of-0.m4a", m4a(stts=[(50, 0)])
    yield "mp4-looping-chunks.m4a", m4a(chunks=[len(FTYP)] * 20_000, sizes=[8] * 20_000, count=20_000, stts=[(20_000, 1024)])
    yield "mp4-chunks-beyond-the-end.m4a", m4a(chunks=[U32 - n for n in range(50)])
    yield "mp4-chunk-of-4-billion-samples.m4a", m4a(stsc=[(1, U32, 1)])
    yield "mp4-sample-of-4-GiB.m4a", m4a(sizes=[U32 - 1] * 50)
    yield "mp4-description-that-never-ends.m4a", m4a(esds=full(b"esds", b"\x03" + b"\xff" * 200))
    yield "mp4-rate-0.m4a", m4a(rate=0)
    yield "mp4-cover-of-4-GiB.m4a", m4a(
        udta=atom(b"udta", full(b"meta", atom(b"ilst", atom(b"covr", atom(b"data", bytes(64), size=U32)))))
    )
    trun = full(b"trun", struct.pack(">I", U32))
    moof = atom(b"moof", full(b"mfhd", bytes(4)) + atom(b"traf", full(b"tfhd", struct.pack(">I", 1)) + trun))
    yield "mp4-fragment-of-4-billion-samples.m4a", m4a(extra=b"") + moof + atom(b"mdat", noise(100, 6))
    yield "mp4-10000-empty-fragments.m4a", m4a() + (atom(b"moof", full(b"mfhd", bytes(4))) + atom(b"mdat")) * 10_000


# --- Matroska ---------------------------------------------------------------------------------------------------


def ebml(kind, body=b"", size=None):
    head = struct.pack(">Q", (len(body) if size is None else size) | 1 << 56)
    return bytes.fromhex(kind) + head + body


UNKNOWN = 2**56 - 1
WEBM = ebml("1a45dfa3", ebml("4282", b"webm") + ebml("4287", b"\4") + ebml("4285", b"\2"))


def lying_ebmls():
    tag = b""
    for _ in range(3_000):
        tag = ebml("67c8", tag)
    yield "mkv-tags-in-tags.mkv", WEBM + ebml("18538067", ebml("1254c367", ebml("7373", tag)), size=UNKNOWN)
    yield "mkv-segments-in-segments.webm", WEBM + ebml("18538067", size=UNKNOWN) * 10_000
    yield "mkv-clusters-without-end.webm", WEBM + ebml("18538067", size=UNKNOWN) + ebml("1f43b675", size=UNKNOWN) * 10_000
    seek = ebml("4dbb", ebml("53ab", bytes.fromhex("114d9b74")) + ebml("53ac", bytes(8)))
    yield "mkv-index-that-names-itself.mkv", WEBM + ebml("18538067", ebml("114d9b74", seek * 50), size=UNKNOWN)
    track = ebml("d7", b"\1") + ebml("83", b"\2") + ebml("86", b"A_OPUS") + ebml("63a2", b"OpusHead", size=2**40)
    yield "mkv-header-of-a-terabyte.mkv", WEBM + ebml("18538067", ebml("1654ae6b", ebml("ae", track)), size=UNKNOWN)
    track = ebml("d7", b"\1") + ebml("83", b"\2") + ebml("86", b"A_VORBIS") + ebml("e1", ebml("b5", b"\x7f\xf0" + bytes(6)))
    laced = ebml("a3", b"\x81\0\0\x02" + b"\xff" * 4_000)
    cluster = ebml("1f43b675", ebml("e7", b"\0") + laced)
    yield "mkv-infinite-rate-and-lacing.mkv", WEBM + ebml("18538067", ebml("1654ae6b", ebml("ae", track)) + cluster)
    yield "mkv-version-of-8-EiB.mkv", ebml("1a45dfa3", ebml("42f3", b"\xff" * 8) + ebml("4282", b"webm", size=UNKNOWN - 1))


# --- Ogg --------------------------------------------------------------------------------------------------------

OGG_CRC = []
for value in range(256):
    value <<= 24
    for _ in range(8):
        value = value << 1 ^ 0x04C11DB7 if value & 0x8000_0000 else value << 1
    OGG_CRC.append(value & U32)


def page(lacing, body, number, kind=0, granule=0, serial=7):
    head = struct.pack("<4sBBQIIIB", b"OggS", 0, kind, granule & 2**64 - 1, serial, number, 0, len(lacing)) + bytes(lacing)
    crc = 0
    for byte in head + body:
        crc = crc << 8 & U32 ^ OGG_CRC[crc >> 24 ^ byte]
    return head[:22] + struct.pack("<I", crc) + head[26:] + body


def opus_head(channels=1, skip=312, family=0):
    return struct.pack("<8sBBHIHB", b"OpusHead", 1, channels, skip, 16_000, 0, family)


def opus_start(head, tags=b"OpusTags\0\0\0\0\0\0\0\0"):
    return page([len(head)], head, 0, kind=2) + page([len(tags)], tags, 1)


def lying_oggs():
    start = opus_start(opus_head())
    yield "ogg-packet-without-end.opus", start + b"".join(page([255] * 255, bytes(65_025), 2 + n, kind=1) for n in range(16))
    yield "ogg-10000-empty-pages.opus", start + b"".join(page([], b"", 2 + n) for n in range(10_000))
    yield "ogg-5000-streams.ogg", b"".join(page([19], opus_head(), 0, kind=2, serial=n) for n in range(5_000))
    yield "ogg-time-runs-back.opus", start + b"".join(page([2], b"\x08\0", 2 + n, granule=10**9 - n * 10**6) for n in range(900))
    yield "ogg-end-of-time.opus", start + page([2], b"\x08\0", 2, granule=2**63 - 1, kind=4)
    yield "ogg-255-channels.opus", opus_start(opus_head(channels=255, family=255)) + page([2], b"\x08\0", 2, granule=960)
    yield "ogg-0-channels.opus", opus_start(opus_head(channels=0)) + page([2], b"\x08\0", 2, granule=960)
    yield "ogg-skips-everything.opus", opus_start(opus_head(skip=65_535)) + page([2], b"\x08\0", 2, granule=960)
    lie = b"OpusTags" + struct.pack("<I", U32) + b"x" * 40
    yield "ogg-vendor-of-4-GiB.opus", opus_start(opus_head(), lie) + page([2], b"\x08\0", 2, granule=960)
    lie = b"OpusTags" + struct.pack("<II", 0, U32) + b"\0" * 40
    yield "ogg-4-billion-comments.opus", opus_start(opus_head(), lie) + page([2], b"\x08\0", 2, granule=960)
    vorbis = b"\x01vorbis" + struct.pack("<IBIIIIBB", 0, 255, U32, U32, U32, U32, 0xFF, 1)
    yield "ogg-vorbis-of-4-GHz.ogg", page([len(vorbis)], vorbis, 0, kind=2) + page([255] * 4, noise(1_020, 8), 1)
    hours = b"".join(page([2] * 250, b"\x18\0" * 250, 2 + n, granule=(n + 1) * 250 * 2_880) for n in range(480))
    yield "ogg-two-hours-in-nothing.opus", start + hours
    wrong = bytearray(memo("opus"))
    for at in range(len(wrong)):
        if wrong[at : at + 4] == b"OggS":
            wrong[at + 22] ^= 0xFF
    yield "ogg-wrong-sums.opus", bytes(wrong)


# --- FLAC -------------------------------------------------------------------------------------------------------


def crc(data, bits, polynomial):
    value = 0
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = value << 1 ^ polynomial if value >> bits - 1 & 1 else value << 1
        value &= (1 << bits) - 1
    return value


def block(kind, body, last=False, size=None):
    return struct.pack(">I", (kind | last << 7) << 24 | (len(body) if size is None else size)) + body


def streaminfo(rate=8_000, channels=1, bits=16, total=0, smallest=65_535, largest=65_535):
    packed = rate << 44 | channels - 1 << 41 | bits - 1 << 36 | total
    return struct.pack(">HH", smallest, largest) + bytes(6) + struct.pack(">Q", packed) + bytes(16)


def silent_frames(count):
    """Each 65,535 samples of silence in 15 bytes."""
    for number in range(count):
        coded = chr(number).encode("utf-8", "surrogatepass")
        head = b"\xff\xf8\x70\x08" + coded + struct.pack(">H", 65_534)
        head += bytes([crc(head, 8, 0x07)])
        frame = head + b"\0\0\0"
        yield frame + struct.pack(">H", crc(frame, 16, 0x8005))


def flac(*blocks):
    return b"fLaC" + b"".join(blocks)


def lying_flacs():
    hours = b"".join(silent_frames(24 * HOUR_S * 8_000 // 65_535))
    yield "flac-24-hours-in-150-kB.flac", flac(block(0, streaminfo(), last=True)) + hours
    yield "flac-24-hours-and-says-so.flac", flac(block(0, streaminfo(total=24 * HOUR_S * 8_000), last=True)) + hours
    yield "flac-declares-two-months.flac", flac(block(0, streaminfo(total=2**36 - 1), last=True)) + hours[:3_000]
    yield "flac-rate-0.flac", flac(block(0, streaminfo(rate=0), last=True)) + hours[:3_000]
    yield "flac-rate-of-a-megahertz.flac", flac(block(0, streaminfo(rate=2**20 - 1), last=True)) + hours[:3_000]
    yield "flac-blocks-of-0.flac", flac(block(0, streaminfo(smallest=0, largest=0), last=True)) + hours[:3_000]
    yield "flac-picture-of-16-MB.flac", flac(block(0, streaminfo()), block(6, bytes(64), size=2**24 - 1, last=True)) + hours[:3_000]
    yield "flac-100000-paddings.flac", flac(block(0, streaminfo())) + block(1, b"") * 100_000
    lie = struct.pack("<II", 0, U32) + bytes(40)
    yield "flac-4-billion-comments.flac", flac(block(0, streaminfo()), block(4, lie, last=True)) + hours[:3_000]
    yield "flac-index-of-noise.flac", flac(block(0, streaminfo()), block(3, noise(18_000, 9), last=True)) + hours[:3_000]
    yield "flac-no-frames.flac", flac(block(0, streaminfo(), last=True))


# --- MP3 and AAC ------------------------------------------------------------------------------------------------


def id3(body=b"", size=None, version=4):
    size = len(body) if size is None else size
    return b"ID3" + bytes([version, 0, 0] + [size >> shift & 0x7F for shift in (21, 14, 7, 0)]) + body


def lying_streams():
    speech = memo("mp3")
    yield "id3-of-256-MB.mp3", id3(size=2**28 - 1) + speech
    yield "id3-picture-of-256-MB.mp3", id3(b"APIC\x7f\x7f\x7f\x7f\0\0\0image/png\0\3\0" + bytes(99)) + speech
    yield "id3-20000-tags.mp3", id3() * 20_000 + speech
    yield "id3-frames-of-0-bytes.mp3", id3(b"TIT2\0\0\0\0\0\0" * 20_000) + speech
    yield "mp3-4-billion-frames.mp3", speech.replace(b"Xing\0\0\0\x0f", b"Xing\0\0\0\x0f" + b"\xff" * 8).replace(
        b"Info\0\0\0\x0f", b"Info\0\0\0\x0f" + b"\xff" * 8
    )
    yield "mp3-headers-only.mp3", b"\xff\xfb\x90\x64" * 20_000
    yield "mp3-free-bitrate.mp3", (b"\xff\xfb\x00\x64" + bytes(100)) * 500
    yield "mp3-reserved-everything.mp3", b"\xff\xff\xff\xff" * 20_000
    adts = lambda size: bytes([0xFF, 0xF1, 0x60, 0x40 | size >> 11, size >> 3 & 0xFF, (size & 7) << 5 | 0x1F, 0xFC])
    yield "aac-frames-of-0-bytes.aac", adts(0) * 20_000
    yield "aac-frames-of-nothing.aac", adts(7) * 20_000
    yield "aac-frames-of-noise.aac", b"".join(adts(107) + noise(100, n) for n in range(300))


# --- AIFF and CAF -----------------------------------------------------------------------------------------------


def lying_apples():
    def aiff(channels, frames, bits, rate):
        common = b"COMM" + struct.pack(">IhIh", 18, channels, frames, bits) + rate
        body = common + b"SSND" + struct.pack(">III", U32, U32, U32) + bytes(8_000)
        return b"FORM" + struct.pack(">I", U32) + b"AIFF" + body

    normal = bytes.fromhex("400cfa00000000000000")
    yield "aiff-4-billion-frames.aiff", aiff(1, U32, 16, normal)
    yield "aiff-minus-1-channels.aiff", aiff(-1, 8_000, 16, normal)
    yield "aiff-infinite-rate.aiff", aiff(1, 8_000, 16, b"\x7f\xff" + bytes(8))
    yield "aiff-0-bits.aiff", aiff(1, 8_000, 0, normal)

    def caf(rate, packet, frames, packets):
        desc = b"desc" + struct.pack(">Qd4sIIIII", 32, rate, b"lpcm", 0, packet, frames, 1, 16)
        pakt = b"pakt" + struct.pack(">Qqqii", 24, packets, packets, 0, 0)
        return b"caff\0\1\0\0" + desc + pakt + b"data" + struct.pack(">qI", -1, 0) + bytes(8_000)

    yield "caf-packets-without-end.caf", caf(16_000.0, 2, 1, 2**63 - 1)
    yield "caf-packets-of-0-bytes.caf", caf(16_000.0, 0, 0, 10**9)
    yield "caf-rate-not-a-number.caf", caf(float("nan"), 2, 1, 4_000)
    yield "caf-chunk-of-minus-9.caf", b"caff\0\1\0\0free" + struct.pack(">q", -9) + bytes(400)


# --- no recordings ----------------------------------------------------------------------------------------------


def strangers():
    yield "empty.wav", b""
    yield "one-byte.mp3", b"\xff"
    yield "a-mebibyte-of-nothing.m4a", bytes(1 << 20)
    yield "random.m4a", noise(65_536, 1)
    yield "random.mp3", noise(300_000, 2)
    yield "random-behind-a-promise.ogg", b"OggS" + noise(65_536, 3)
    yield "words.txt", b"Dear diary, today nothing was recorded.\n" * 200
    yield "page.html", b"<!doctype html><title>memo.wav</title><h1>404</h1>\n" * 50
    yield "picture.svg", b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
    yield "archive.zip", b"PK\3\4\x14\0\0\0\x08\0" + bytes(16) + zlib.compress(bytes(1 << 20))
    yield "program.elf", b"\x7fELF\2\1\1" + bytes(9) + noise(8_000, 10)
    yield "picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\6" + noise(4_000, 11)
    yield "paper.pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n" + noise(4_000, 12)
    yield "script.sh", b"#!/bin/sh\nrm -rf /\n"
    yield "playlist.ffconcat", b"ffconcat version 1.0\nfile '/etc/passwd'\nfile 'file:/etc/hostname'\n"
    yield "playlist.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXTINF:10,\n/dev/zero\n"
    yield "playlist.sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n"
    yield "old-phone.amr", b"#!AMR\n" + noise(4_000, 13)
    yield "old-windows.wma", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + b"\xff" * 4_000


# --- names ------------------------------------------------------------------------------------------------------


def names():
    """Good recordings, each a little longer than the one before, with names that are traps."""
    speech = memo("wav")[78:]
    traps = [
        "..\\..\\etc\\passwd.wav",
        "..%2f..%2fetc%2fpasswd.wav",
        "two\nlines\r\nX-Injected: yes.wav",
        "\u202evaw.sdrawkcab",
        "caf\u00e9 \U0001f3a4 \u5f55\u97f3.wav",
        "-rf --help.wav",
        "'; drop table jobs; --.wav",
        "$(touch pwned) `id`.wav",
        "node.lock",
        "." * 60,
        " .wav ",
        "a" * 240 + ".wav",
    ]
    for n, name in enumerate(traps):
        yield name, wav(speech + bytes(2 * n))


FAMILIES = [
    truncations, lying_wavs, lying_mp4s, lying_ebmls, lying_oggs, lying_flacs, lying_streams, lying_apples, strangers, names,
]


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    made = 0
    for family in FAMILIES:
        for name, content in family():
            (folder / name).write_bytes(content)
            made += 1
    print(f"{made} hostile files in {folder}")


if __name__ == "__main__":
    main()
