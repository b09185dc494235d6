// The HTTP API as functions. An answer that is a problem document is thrown as a `Problem`.
export class Problem extends Error {
  /** @param {{status: number, code?: string, detail?: string, title?: string, hint?: string}} told */
  constructor(told) {
    super(told.detail || told.title || "The server did not answer.");
    this.status = told.status;
    this.code = told.code || "unreachable";
    this.hint = told.hint || "";
    /** Which parts of the request are at fault, and why. */
    this.reasons = (told.errors || []).map((it) => it.detail);
  }
  /** What happened and what to do about it, as sentences. */
  get told() { return [this.message, ...this.reasons, this.hint].filter(Boolean).map(sentence).join(" "); }
  /** Nobody answered: the network, or a server that is not there. */
  get isOffline() { return this.code === "unreachable"; }
}

const sentence = (text) => text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

export async function call(method, path, { json, body, headers, signal } = {}) {
  const init = { method, headers: { accept: "application/json", ...headers }, signal };
  if (json !== undefined) {
    init.body = JSON.stringify(json);
    init.headers["content-type"] = "application/json";
  } else if (body !== undefined) {
    init.body = body;
  }
  let answer;
  try {
    answer = await fetch(path, init);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ status: 0, detail: "The server cannot be reached." });
  }
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    const problem = new Problem({ ...told, status: answer.status, code: told.code || "http_" + answer.status });
    problem.headers = answer.headers;
    throw problem;
  }
  return answer;
}

const read = async (method, path, options) => {
  const answer = await call(method, path, options);
  return answer.status === 204 ? null : answer.json();
};

export const query = (values) => {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && "?" + text;
};

const job = (id, rest = "") => `/v1/jobs/${id}${rest}`;

export const api = {
  entries: (filter, signal) => read("GET", "/v1/entries" + query(filter), { signal }),
  tags: () => read("GET", "/v1/tags"),
  days: (from, to) => read("GET", "/v1/days" + query({ from, to })),

  job: (id, signal) => read("GET", job(id), { signal }),
  note: (id, signal) => read("GET", job(id, "/note"), { signal }),
  transcript: (id, version, signal) => read("GET", job(id, "/transcript" + query({ version })), { signal }),
  versions: (id) => read("GET", job(id, "/transcript/versions")),
  editTranscript: (id, edit) => read("PUT", job(id, "/transcript"), { json: edit }),
  editJob: (id, change) => read("PATCH", job(id), { json: change }),
  cancel: (id) => read("POST", job(id, "/cancel")),
  retry: (id) => read("POST", job(id, "/retry")),
  trash: (id) => read("POST", job(id, "/trash")),
  restore: (id) => read("POST", job(id, "/restore")),
  remove: (id) => read("DELETE", job(id)),
  rerun: (id, options) => read("POST", job(id, "/rerun"), { json: options }),
  audioUrl: (id) => job(id, "/audio"),
  exportUrl: (id, format) =>
    format === "audio" ? job(id, "/audio")
      : format === "note" ? job(id, "/note?format=markdown")
      : job(id, "/transcript?format=" + format),

  recordings: () => read("GET", "/v1/recordings"),
  recording: (id) => read("GET", "/v1/recordings/" + id),
  beginRecording: (told) => read("POST", "/v1/recordings", { json: told }),
  /** Resolves with the new offset. */
  async appendRecording(id, offset, body) {
    const headers = { "upload-offset": String(offset), "content-type": "application/offset+octet-stream" };
    const answer = await call("PATCH", "/v1/recordings/" + id, { body, headers });
    return Number(answer.headers.get("upload-offset"));
  },
  finishRecording: (id) => read("POST", "/v1/recordings/" + id + "/finish"),
  discardRecording: (id) => read("DELETE", "/v1/recordings/" + id),

  hardware: () => read("GET", "/v1/hardware"),
  models: () => read("GET", "/v1/admin/models"),
  pullModel: (name) => read("POST", `/v1/admin/models/${encodeURIComponent(name)}/pull`),
  cancelPull: (name) => read("DELETE", `/v1/admin/models/${encodeURIComponent(name)}/pull`),
  demo: () => read("POST", "/v1/demo"),
  queue: () => read("GET", "/v1/admin/queue"),
  /** A path keeps its slashes. */
  restartActor: (path) => read("POST", `/v1/admin/actors/${path.split("/").map(encodeURIComponent).join("/")}/restart`),
  drain: () => read("POST", "/v1/admin/drain"),
};

/** Uploads one file with progress; XMLHttpRequest, because fetch tells no progress of what it sends. */
export function upload(file, options, onProgress) {
  const form = new FormData();
  form.append("options", JSON.stringify(options));
  if (file.lastModified) form.append("last_modified", localRfc3339(new Date(file.lastModified)));
  form.append("file", file, file.name);
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(new Problem({ status: 0, detail: "The server cannot be reached." }));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.onload = () => {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch { /* not JSON: the status has to do */ }
      if (request.status < 300) resolve({ job: told, existed: request.status === 200 });
      else reject(new Problem({ ...told, status: request.status }));
    };
  });
  request.open("POST", "/v1/jobs");
  request.send(form);
  return { done, abort: () => request.abort() };
}

/** A moment with the speaker's own offset: its date is the memo's day. */
export function localRfc3339(date) {
  const pad = (n, width = 2) => String(Math.trunc(Math.abs(n))).padStart(width, "0");
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? "-" : "+";
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:` +
    `${pad(date.getMinutes())}:${pad(date.getSeconds())}${sign}${pad(offset / 60)}:${pad(Math.abs(offset) % 60)}`;
}
