const utf8 = new TextDecoder("utf-8", { fatal: true });

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** What one message carries; read at most once however many points look at it. */
export class Payload {
  readonly #bytes: Uint8Array;
  #text: Outcome<string> | undefined;
  #json: Outcome<unknown> | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  text(): Outcome<string> {
    this.#text ??= readText(this.#bytes);
    return this.#text;
  }

  json(): Outcome<unknown> {
    this.#json ??= readJson(this.text());
    return this.#json;
  }
}

function readText(bytes: Uint8Array): Outcome<string> {
  if (bytes.length === 0) return { ok: false, reason: "empty" };
  try {
    return { ok: true, value: utf8.decode(bytes) };
  } catch {
    return { ok: false, reason: "not text" };
  }
}

function readJson(text: Outcome<string>): Outcome<unknown> {
  if (!text.ok) return text;
  try {
    return { ok: true, value: JSON.parse(text.value) };
  } catch {
    // SyntaxError, and RangeError for brackets nested by the ten thousand.
    return { ok: false, reason: "not JSON" };
  }
}
