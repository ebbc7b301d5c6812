import type { Duplex } from "node:stream";
import type { Tap } from "./contract.ts";

/** Shows every byte that a stream gives to its first reader and later ones, and every byte that is written to it. */
export function attachTap(stream: Duplex, tap: Tap): void {
  // A `data` listener of its own would start the flow before there is anybody else to take the bytes.
  const onListener = (event: string | symbol) => {
    if (event !== "data" && event !== "readable") return;
    stream.off("newListener", onListener);
    stream.on("data", (chunk: Uint8Array) => tap("in", chunk));
  };
  stream.on("newListener", onListener);
  const write = stream.write;
  Object.defineProperty(stream, "write", {
    value: (...given: readonly unknown[]): unknown => {
      const [chunk] = given;
      if (chunk instanceof Uint8Array) tap("out", chunk);
      else if (typeof chunk === "string") tap("out", Buffer.from(chunk));
      return Reflect.apply(write, stream, given);
    },
  });
}
