import { StoreError } from "./store-error.ts";

/** What a program says to content of a later version: it waits, because nothing of it is lost. */
export function newerContent(where?: string): StoreError {
  const fields = where === undefined ? {} : { where };
  return new StoreError("store/io", (text) => text.newer(where), fields);
}
