import { fromHex } from "../../hex.ts";
import type { ReaderSide } from "../simulated-side.ts";
import type { TagField } from "../tag-field.ts";

/** How often a reader repeats the number of the tag before it. */
const repeatMs = 65;

/** The reader's side of the wire: it hears nothing. */
export class ListeningSide implements ReaderSide {
  readonly #field: TagField;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #write: (tag: Uint8Array) => Uint8Array;
  #passedMs = 0;

  constructor(
    field: TagField,
    send: (bytes: Uint8Array) => void,
    write: (tag: Uint8Array) => Uint8Array,
  ) {
    this.#field = field;
    this.#send = send;
    this.#write = write;
  }

  hear(): void {}

  pass(elapsedMs: number): void {
    this.#passedMs += elapsedMs;
    if (this.#passedMs < repeatMs) return;
    this.#passedMs = 0;
    for (const { epc } of this.#field.draw(1)) this.#send(this.#write(fromHex(epc)));
  }
}
