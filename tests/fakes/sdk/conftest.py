"""What the checks of the fake with the official SDKs share."""

import json
import os
import urllib.request

import pytest
from pydantic import BaseModel

URL = os.environ["FAKE_LLM_URL"]
PROMPT = "Write a note.\n[3] I walked to the lake this morning.\n[5] Call Anna about the boat."


class Sentence(BaseModel):
    text: str
    segments: list[int]


class Section(BaseModel):
    heading: str
    sentences: list[Sentence]


class Note(BaseModel):
    title: str
    summary: str
    mood: str | None
    sections: list[Section]


def is_told(note):
    """The note quotes the transcript, and names the segments that it quotes."""
    sentences = [s for section in note.sections for s in section.sentences]
    said = {3: "I walked to the lake this morning.", 5: "Call Anna about the boat."}
    return bool(sentences) and all(s.text == said[s.segments[0]] for s in sentences)


def post(path, body):
    data = json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data=data, method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def calls():
    with urllib.request.urlopen(URL + "/_calls") as answer:
        return json.load(answer)


@pytest.fixture(autouse=True)
def clean():
    post("/_reset", {})


@pytest.fixture
def fault():
    """Queues a fault for the next calls."""
    return lambda fault, times=1: post("/_script", {"fault": fault, "times": times})
