#!/usr/bin/env bash
# Writes one recording in every format that Diarist reads itself, and in some that only ffmpeg reads; every name lies.
# usage: scripts/make_formats.sh INPUT.wav FOLDER     needs ffmpeg; the tests use what it wrote, and never ffmpeg
set -euo pipefail

input=$1 to=$2
mkdir -p "$to"
quiet=(-hide_banner -loglevel error -nostdin -y -fflags +bitexact)
film=(-f lavfi -i "color=c=black:s=32x32:r=5")
plain=(-map_metadata -1 -flags:a +bitexact -fflags +bitexact)

sound() { # sound NAME OPTION…: the recording under a name, by ffmpeg's options
    local name=$1
    shift
    ffmpeg "${quiet[@]}" -i "$input" "${plain[@]}" "$@" "$to/$name"
}
film() { # film NAME OPTION…: the same with a picture of nothing
    local name=$1
    shift
    ffmpeg "${quiet[@]}" "${film[@]}" -i "$input" "${plain[@]}" -map 0:v -map 1:a -shortest -pix_fmt yuv420p -flags:v +bitexact "$@" "$to/$name"
}

# Lossless: the very samples come back. The name is CONTAINER-CODEC and the ending of another format.
sound wav-s24.mp3 -c:a pcm_s24le -f wav
sound wav-f32.flac -c:a pcm_f32le -f wav
sound rf64-s16.ogg -c:a pcm_s16le -rf64 always -f wav
sound aiff-s16.wav -c:a pcm_s16be -f aiff
sound aifc-s16.txt -c:a pcm_s16le -f aiff
sound caf-s16.m4a -c:a pcm_s16le -f caf
sound caf-alac.mp3 -c:a alac -f caf
sound m4a-alac.wav -c:a alac -f ipod
sound mov-s16.webm -c:a pcm_s16le -f mov
sound flac-flac.mp3 -c:a flac -f flac
sound ogg-flac.aac -c:a flac -f ogg
sound mkv-flac.mp4 -c:a flac -f matroska
sound mp4-flac.mkv -c:a flac -f mp4 -strict experimental

# Lossy: at most one word apart.
sound wav-u8.mp3 -c:a pcm_u8 -f wav
sound wav-alaw.aiff -c:a pcm_alaw -f wav
sound wav-mulaw.caf -c:a pcm_mulaw -f wav
sound wav-adpcm_ms.m4a -c:a adpcm_ms -f wav
sound wav-adpcm_ima.opus -c:a adpcm_ima_wav -f wav
sound mp2-mp2.wav -ar 48000 -c:a mp2 -b:a 192k -f mp2
sound mp3-mp3.flac -c:a libmp3lame -b:a 48k -f mp3
sound mp4-mp3.ogg -c:a libmp3lame -b:a 48k -f mp4
sound aac-aac.mp3 -c:a aac -b:a 48k -f adts
sound m4a-aac.jpg -c:a aac -b:a 48k -f ipod
sound mp4-aac-fragmented.wav -c:a aac -b:a 48k -f mp4 -movflags frag_keyframe+empty_moov
sound mkv-aac.mp3 -c:a aac -b:a 48k -f matroska
film mp4-video-aac.mp3 -c:v libx264 -c:a aac -b:a 48k -f mp4
film mov-video-aac.pdf -c:v mpeg4 -c:a aac -b:a 48k -f mov
film webm-video-opus.wav -c:v libvpx -c:a libopus -b:a 24k -f webm
sound ogg-vorbis.mp3 -c:a libvorbis -q:a 2 -f ogg
sound ogg-opus.wav -c:a libopus -b:a 24k -f ogg
sound webm-opus.mp4 -c:a libopus -b:a 24k -f webm
sound webm-live-opus.ogg -c:a libopus -b:a 24k -f webm -live 1
sound webm-vorbis.flac -c:a libvorbis -q:a 2 -f webm
sound mkv-opus.m4a -c:a libopus -b:a 24k -f matroska
sound mp4-opus.aac -c:a libopus -b:a 24k -f mp4 -strict experimental

# What only ffmpeg reads, and what nobody can.
mkdir -p "$to/foreign"
sound foreign/asf-wma.mp3 -c:a wmav2 -b:a 32k -f asf
sound foreign/ogg-speex.opus -c:a libspeex -f ogg
sound foreign/mkv-ac3.wav -c:a ac3 -b:a 48k -f matroska
sound foreign/mp4-ac3.m4a -c:a ac3 -b:a 48k -f mp4
sound foreign/ac3-ac3.aac -c:a ac3 -b:a 48k -f ac3
sound foreign/ogg-opus51.wav -ac 6 -c:a libopus -mapping_family 1 -b:a 64k -f ogg
ffmpeg "${quiet[@]}" "${film[@]}" -t 1 -c:v libx264 -pix_fmt yuv420p -f mp4 "$to/foreign/mp4-silent-film.mp3"
ffmpeg "${quiet[@]}" "${film[@]}" -t 1 -c:v libvpx -f webm "$to/foreign/webm-silent-film.mp3"
