import type { Log } from "./contract.ts";

/** Keeps nothing: for tools, whose output log lines would stand among. */
export const quietLog: Log = {
  child: () => quietLog,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
