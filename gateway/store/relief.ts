import { isFull, storeError } from "./failure.ts";

/** Tries again after each relief that gave anything. @throws what the last try threw. */
export function relieved<Result>(reliefs: readonly (() => boolean)[], body: () => Result): Result {
  const left = [...reliefs];
  for (;;) {
    try {
      return body();
    } catch (error) {
      if (!isFull(storeError(error, ""))) throw error;
      let helped = false;
      while (!helped && left.length > 0) helped = left.shift()?.() ?? false;
      if (!helped) throw error;
    }
  }
}
