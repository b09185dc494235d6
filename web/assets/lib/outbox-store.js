// What this browser has not handed over yet, in IndexedDB; where that is refused, in memory, and said so.
import { signal } from "./ui.js";

/** Why what is spoken lives only as long as this page: "full", "refused", or nothing. */
export const unkept = signal(null);

const memory = { recordings: new Map(), chunks: new Map(), files: new Map() };
let opened = null;

function open() {
  opened ||= new Promise((resolve, reject) => {
    const request = indexedDB.open("diarist", 1);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("recordings", { keyPath: "key" });
      db.createObjectStore("chunks", { keyPath: ["key", "start"] });
      db.createObjectStore("files", { keyPath: "key" });
    };
    request.onsuccess = () => {
      // Another tab with a newer page may want to change the stores.
      request.result.onversionchange = () => { request.result.close(); opened = null; };
      resolve(request.result);
    };
    request.onerror = () => { opened = null; reject(request.error); };
  });
  return opened;
}

/** Runs `work` in one transaction and resolves when it is on the disk. */
async function inside(stores, mode, work) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(stores, mode, { durability: mode === "readwrite" ? "strict" : "default" });
    let result;
    transaction.oncomplete = () => resolve(result?.result);
    transaction.onabort = () => reject(transaction.error);
    result = work(...stores.map((name) => transaction.objectStore(name)));
  });
}

const id = (value) => JSON.stringify(value.start === undefined ? value.key : [value.key, value.start]);

async function write(changes) {
  try {
    await inside([...new Set(changes.map(([store]) => store))], "readwrite", (...stores) => {
      for (const [name, value] of changes) stores.find((it) => it.name === name).put(value);
    });
  } catch (error) {
    unkept.value = error?.name === "QuotaExceededError" ? "full" : "refused";
    for (const [name, value] of changes) memory[name].set(id(value), value);
  }
}

async function all(store) {
  const kept = await inside([store], "readonly", (it) => it.getAll()).catch(() => []);
  return [...kept.filter((it) => !memory[store].has(id(it))), ...memory[store].values()];
}

const range = (key, from = -Infinity) => IDBKeyRange.bound([key, from], [key, Infinity]);

export const store = {
  recordings: () => all("recordings"),
  files: () => all("files"),
  putFile: (file) => write([["files", file]]),
  putRecording: (recording) => write([["recordings", recording]]),

  /** One read-modify-write; a recording that is gone stays gone. */
  async change(key, how) {
    const held = memory.recordings.get(id({ key }));
    if (held) { how(held); return held; }
    let changed = null;
    await inside(["recordings"], "readwrite", (recordings) => {
      const found = recordings.get(key);
      found.onsuccess = () => {
        changed = found.result || null;
        if (changed) { how(changed); recordings.put(changed); }
      };
    }).catch(() => {});
    return changed;
  },

  /** A piece of sound, and how long the recording is with it: both or none. */
  async putPiece({ key, bytes, spoken_ms }, piece) {
    const grow = (it) => { it.bytes = bytes; it.spoken_ms = spoken_ms; };
    const held = memory.recordings.get(id({ key }));
    try {
      if (held || unkept.value) throw new DOMException("earlier pieces are in memory", unkept.value === "full" ? "QuotaExceededError" : "");
      await inside(["chunks", "recordings"], "readwrite", (chunks, recordings) => {
        chunks.put(piece);
        const found = recordings.get(key);
        found.onsuccess = () => { if (found.result) { grow(found.result); recordings.put(found.result); } };
      });
    } catch (error) {
      unkept.value ||= error?.name === "QuotaExceededError" ? "full" : "refused";
      memory.chunks.set(id(piece), piece);
      const row = held || (await all("recordings")).find((it) => it.key === key);
      if (row) { grow(row); memory.recordings.set(id({ key }), row); }
    }
  },

  /** The pieces from `offset` on, in order, up to about a megabyte. */
  async chunksFrom(key, offset, most = 1 << 20) {
    const found = [];
    let size = 0;
    await inside(["chunks"], "readonly", (chunks) => {
      // The piece before may reach over the offset.
      const request = chunks.openCursor(range(key));
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor || size >= most) return;
        const { start, data } = cursor.value;
        if (start + data.byteLength > offset) { found.push(cursor.value); size += data.byteLength; }
        cursor.continue();
      };
    }).catch(() => {});
    const held = [...memory.chunks.values()].filter((it) => it.key === key && it.start + it.data.byteLength > offset);
    const pieces = [...found, ...held].sort((a, b) => a.start - b.start);
    let at = offset;
    const parts = [];
    for (const { start, data } of pieces) {
      if (start > at) break;
      parts.push(data.slice(at - start));
      at = start + data.byteLength;
    }
    return parts.length ? new Blob(parts) : null;
  },

  async remove(key) {
    memory.recordings.delete(id({ key }));
    memory.files.delete(id({ key }));
    for (const [name, it] of memory.chunks) if (it.key === key) memory.chunks.delete(name);
    await inside(["recordings", "chunks", "files"], "readwrite", (recordings, chunks, files) => {
      recordings.delete(key);
      files.delete(key);
      chunks.delete(range(key));
    }).catch(() => {});
  },

  /** Whether anything would be lost if this page went now. */
  holdsInMemory: () => Object.values(memory).some((it) => it.size > 0),
};
