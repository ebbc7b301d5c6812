import { RackwatchError } from "../../drivers/errors.ts";

/** What a program says to content of a later version: it waits, because nothing of it is lost. */
export function newerContent(where?: string): RackwatchError {
  return new RackwatchError("store/io", `${where ?? "a chunk"} was written by a later version`, {
    ...(where !== undefined && { where }),
    todo: "bring this program to the gateway's version and restart it; nothing is lost until then",
  });
}
