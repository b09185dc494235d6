"""The audio calls of the official Python SDK against the server of OPENAI_BASE_URL; see README.md."""
import json
import os
import time
import unittest
import urllib.request

import openai

from sound import recording, said, samples, silence, words

MODEL = os.environ.get("MODEL", "whisper-1")
TRANSLATES = os.environ.get("TRANSLATES") == "1"
JFK = recording(samples("jfk"), name="jfk.wav")
CLIENT = openai.OpenAI(api_key=os.environ.get("OPENAI_API_KEY", "anything"), max_retries=0, timeout=600)


def transcribe(file=JFK, **fields):
    return CLIENT.audio.transcriptions.create(**{"model": MODEL, "file": file, "language": "en"} | fields)


def jobs():
    """Diarist's own view of what runs; None on other servers."""
    root = str(CLIENT.base_url).removesuffix("/").removesuffix("/v1")
    try:
        with urllib.request.urlopen(f"{root}/v1/jobs?limit=5") as answer:
            return json.load(answer)["items"]
    except OSError:
        return None


class Formats(unittest.TestCase):
    def test_json_is_the_text_with_its_usage(self):
        answer = transcribe()
        self.assertLessEqual(set(words(said("jfk"))) - set(words(answer.text)), set())
        self.assertEqual(answer.usage.type, "duration")
        self.assertAlmostEqual(answer.usage.seconds, 11.0, delta=1)
        self.assertIsNone(answer.logprobs)
        self.assertEqual(answer.text, answer.text.strip())

    def test_text_is_plain(self):
        answer = transcribe(response_format="text")
        self.assertIsInstance(answer, str)
        self.assertEqual(answer.strip(), transcribe().text)

    def test_srt_and_vtt_are_captions(self):
        srt = transcribe(response_format="srt")
        self.assertRegex(srt, r"\A1\n\d\d:\d\d:\d\d,\d\d\d --> \d\d:\d\d:\d\d,\d\d\d\n\S")
        vtt = transcribe(response_format="vtt")
        self.assertTrue(vtt.startswith("WEBVTT\n\n"), vtt)
        for captions in (srt, vtt):
            lines = [line for line in captions.splitlines() if "-->" not in line and not line.isdigit()]
            self.assertEqual(words(" ".join(lines).removeprefix("WEBVTT")), words(transcribe().text))

    def test_verbose_json_has_segments_as_openai_shapes_them(self):
        answer = transcribe(response_format="verbose_json")
        self.assertEqual(answer.language, "english")
        self.assertAlmostEqual(answer.duration, 11.0, delta=0.1)
        self.assertIsNone(answer.words)
        self.assertEqual("".join(segment.text for segment in answer.segments).strip(), answer.text)
        reached = 0.0
        for number, segment in enumerate(answer.segments):
            self.assertEqual(segment.id, number)
            self.assertLessEqual(reached, segment.start)
            self.assertLessEqual(segment.start, segment.end)
            self.assertTrue(segment.tokens and all(isinstance(token, int) for token in segment.tokens))
            self.assertLess(segment.avg_logprob, 0)
            self.assertTrue(0 <= segment.no_speech_prob <= 1)
            self.assertTrue(0.3 < segment.compression_ratio < 2.4)
            self.assertEqual(segment.temperature, 0)
            self.assertIsInstance(segment.seek, int)
            reached = segment.end
        raw = CLIENT.audio.transcriptions.with_raw_response.create(
            model=MODEL, file=JFK, language="en", response_format="verbose_json")
        self.assertEqual(json.loads(raw.text)["task"], "transcribe")
        self.assertTrue(raw.headers["x-request-id"])

    def test_granularities_give_words_segments_or_both(self):
        def given(*which):
            answer = transcribe(response_format="verbose_json", timestamp_granularities=list(which))
            return answer.words, answer.segments, answer.text

        spoken, segments, text = given("word")
        self.assertIsNone(segments)
        self.assertEqual(words(" ".join(word.word for word in spoken)), words(text))
        reached = 0.0
        for word in spoken:
            self.assertLessEqual(reached, word.start)
            self.assertLessEqual(word.start, word.end)
            self.assertEqual(word.word, word.word.strip())
            reached = word.end
        self.assertLessEqual(reached, 11.1)
        self.assertIsNone(given("segment")[0])
        spoken, segments, _ = given("word", "segment")
        self.assertTrue(spoken and segments)

    def test_logprobs_are_tokens_that_join_to_the_text(self):
        answer = transcribe(include=["logprobs"])
        self.assertEqual(bytes(int(b) for one in answer.logprobs for b in one.bytes).decode(), answer.text)
        self.assertEqual("".join(one.token for one in answer.logprobs), answer.text)
        self.assertTrue(all(one.logprob <= 0 for one in answer.logprobs))

    def test_a_temperature_draws_the_same_each_time(self):
        first = transcribe(temperature=0.4, response_format="verbose_json")
        self.assertEqual(first.segments[0].temperature, 0.4)
        # Another name of the file, and another wish for the answer: whatever can be heard anew, is.
        again = transcribe(temperature=0.4, include=["logprobs"])
        self.assertEqual(first.text, again.text)

    def test_fields_of_newer_models_and_of_other_servers_are_taken(self):
        fields = {
            "chunking_strategy": {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 300},
            "languages": ["en", "de"],
            "keywords": ["Americans"],
            "extra_body": {"vad_filter": True, "hotwords": "x"},
        }
        self.assertTrue(transcribe(language=openai.omit, **fields).text)
        self.assertTrue(transcribe(chunking_strategy="auto").text)

    def test_silence_is_no_text(self):
        answer = transcribe(recording(silence(2)), response_format="verbose_json")
        self.assertEqual((answer.text, answer.segments), ("", []))


class Streams(unittest.TestCase):
    LONG = recording(*(samples(clip) + silence(0.8) for clip in ("jfk", "austen-0870", "austen-0920", "lj050-0131")))

    def test_deltas_join_to_the_final_text_and_the_plain_answer(self):
        for file in (JFK, self.LONG):
            events = list(transcribe(file, stream=True))
            self.assertEqual({event.type for event in events[:-1]}, {"transcript.text.delta"})
            self.assertEqual(events[-1].type, "transcript.text.done")
            self.assertEqual("".join(event.delta for event in events[:-1]), events[-1].text)
            self.assertEqual(events[-1].text, transcribe(file).text)
            usage = events[-1].usage
            self.assertEqual(usage.type, "tokens")
            self.assertEqual(usage.total_tokens, usage.input_tokens + usage.output_tokens)
            self.assertGreater(usage.output_tokens, 10)
        self.assertGreater(len(events), 2)

    def test_logprobs_come_with_each_delta_and_at_the_end(self):
        events = list(transcribe(stream=True, include=["logprobs"]))
        of_deltas = [one.token for event in events[:-1] for one in event.logprobs]
        self.assertEqual("".join(of_deltas), events[-1].text)
        self.assertEqual([one.token for one in events[-1].logprobs], of_deltas)


class Speech(unittest.TestCase):
    def test_a_prompt_does_not_eat_the_beginning(self):
        whole = words(transcribe().text)
        for prompt in ("And so, my fellow Americans,", "And so my fellow Americans ask not", transcribe().text):
            self.assertEqual(words(transcribe(prompt=prompt).text)[:6], whole[:6], prompt)

    def test_ten_repetitions_are_ten_phrases(self):
        phrase = samples("austen-0930")
        once = "made amiable himself"
        for pause in (0.3, 1.5):
            file = recording(*(phrase + silence(pause) for _ in range(10)))
            text = " ".join(words(transcribe(file).text))
            self.assertEqual(text.count(once), 10, f"{pause} s: {text}")

    def test_ten_repetitions_of_a_noisy_phrase_are_ten_phrases(self):
        # "ask what you can do for your country", with the noise of its room, and none in the pauses.
        phrase = samples("jfk")[int(7.9 * 32_000):int(10.7 * 32_000)]
        for pause in (0.3, 0.7):
            file = recording(*(phrase + silence(pause) for _ in range(10)))
            text = " ".join(words(transcribe(file).text))
            self.assertEqual(text.count("can do for your country"), 10, f"{pause} s: {text}")


class Errors(unittest.TestCase):
    def refused(self, kind, param, **fields):
        with self.assertRaises(kind) as caught:
            transcribe(**fields)
        error = caught.exception
        self.assertEqual(error.param, param, error)
        self.assertTrue(error.code and error.type and error.message, error.body)
        self.assertTrue(error.request_id)
        return error

    def test_bad_values_are_bad_requests_at_their_field(self):
        bad = openai.BadRequestError
        self.refused(bad, "response_format", response_format="yaml")
        self.refused(bad, "response_format", response_format="diarized_json")
        self.refused(bad, "temperature", temperature=1.5)
        self.refused(bad, "language", language="xx")
        self.refused(bad, "include", include=["logprobs"], response_format="text")
        self.refused(bad, "timestamp_granularities", timestamp_granularities=["word"])
        self.refused(bad, "timestamp_granularities", response_format="verbose_json",
                     timestamp_granularities=["sentence"])
        self.refused(bad, "chunking_strategy", chunking_strategy={"type": "other"})
        self.refused(bad, "known_speaker_names", known_speaker_names=["Zoe"])

    def test_what_is_no_audio_is_a_bad_request(self):
        self.refused(openai.BadRequestError, "file", file=("x.mp3", b"only words, no sound " * 50))
        self.refused(openai.BadRequestError, "file", file=("x.wav", b""))

    def test_a_model_that_is_not_there_is_not_found(self):
        error = self.refused(openai.NotFoundError, "model", model="no-such-model")
        self.assertEqual(error.code, "model_not_found")
        with self.assertRaises(openai.NotFoundError):
            CLIENT.models.retrieve("no-such-model")

    def test_strange_paths_and_methods_are_refused_in_the_envelope(self):
        with self.assertRaises(openai.NotFoundError) as caught:
            CLIENT.post("/audio/nothing", cast_to=object)
        self.assertEqual(caught.exception.type, "invalid_request_error")
        with self.assertRaises(openai.APIStatusError) as caught:
            CLIENT.get("/audio/transcriptions", cast_to=object)
        self.assertEqual(caught.exception.status_code, 405)
        with self.assertRaises(openai.BadRequestError) as caught:
            CLIENT.post("/audio/transcriptions", cast_to=object, body={"model": MODEL})
        self.assertEqual(caught.exception.type, "invalid_request_error")


class Models(unittest.TestCase):
    def test_the_list_has_the_names_that_work(self):
        listed = CLIENT.models.list().data
        self.assertIn(MODEL, [model.id for model in listed])
        one = CLIENT.models.retrieve(MODEL)
        self.assertEqual((one.id, one.object), (MODEL, "model"))
        self.assertTrue(isinstance(one.created, int) and one.owned_by)


class Translations(unittest.TestCase):
    def translate(self, **fields):
        return CLIENT.audio.translations.create(model=MODEL, file=JFK, **fields)

    @unittest.skipUnless(TRANSLATES, "TRANSLATES=1 says that the model is multilingual")
    def test_a_translation_is_english(self):
        self.assertIn("country", self.translate().text)
        self.assertEqual(self.translate(response_format="verbose_json").language, "english")
        self.assertIsInstance(self.translate(response_format="text"), str)

    @unittest.skipIf(TRANSLATES, "TRANSLATES=1 says that the model is multilingual")
    def test_a_model_of_english_only_says_so(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.translate()
        self.assertEqual(caught.exception.param, "model")


class Aborts(unittest.TestCase):
    def test_a_client_that_goes_away_cancels_its_work(self):
        if jobs() is None:
            self.skipTest("this server has no /v1/jobs to look at")
        for stream in (False, True):
            # Long enough not to be done before, and another one each time.
            parts = [samples(clip) + silence(0.6) for clip in ("jfk", "austen-0870", "lj050-0131")] * 12
            file = recording(silence(0.1 + stream / 10), *parts, name=f"abort-{stream}.wav")
            hasty = CLIENT.with_options(timeout=openai.Timeout(600, read=1.5))
            try:
                answer = hasty.audio.transcriptions.create(
                    model=MODEL, file=file, language="en", stream=stream)
                next(iter(answer))
                answer.close()
            except openai.APITimeoutError:
                pass
            gone = time.monotonic()
            mine = lambda: next(job for job in jobs() if job["file_name"] == file[0])
            while mine()["status"] != "cancelled":
                self.assertNotEqual(mine()["status"], "done")
                self.assertLess(time.monotonic() - gone, 1.5, mine())
                time.sleep(0.02)


if __name__ == "__main__":
    unittest.main(verbosity=2)
