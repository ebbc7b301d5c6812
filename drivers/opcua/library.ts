import type { Log } from "../contract.ts";

export type Library = typeof import("node-opcua");

/**
 * Loads node-opcua, which takes 90 MB and more than a second: only when a channel opens. What it would print by
 * itself goes to the log.
 */
export async function loadLibrary(log: Log): Promise<Library> {
  const library = await import("node-opcua");
  const quiet = (...parts: unknown[]) => log.debug("node-opcua", { text: textOf(parts) });
  library.setErrorLogger(quiet);
  library.setWarningLogger(quiet);
  library.setDebugLogger(quiet);
  return library;
}

/** What the library tells about one event, for example a whole certificate, is cut here. */
const textMax = 500;

function textOf(parts: readonly unknown[]): string {
  return parts.map(String).join(" ").slice(0, textMax);
}
