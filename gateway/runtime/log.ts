import { pino } from "pino";
import type { Fields, Log } from "../../drivers/contract.ts";

const levels = ["debug", "info", "warn", "error"] as const;
type Level = (typeof levels)[number];

/** Keys whose values never reach a log, wherever they stand. */
const secretKeys = ["password", "token", "credentials", "authorization", "cookie"];

/**
 * One JSON object a line on standard output, written synchronously: nothing is lost when the process is killed
 * (a worker transport would lose its queue), and journald stamps and rotates it.
 */
export function createLog(env: NodeJS.ProcessEnv): Log {
  const asked = env["RACKWATCH_LOG_LEVEL"];
  const level: Level = levels.find((known) => known === asked) ?? "info";
  const root = pino(
    {
      level,
      base: null,
      messageKey: "event",
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: "[redacted]" },
    },
    pino.destination({ fd: 1, sync: true }),
  );
  return wrap(root);
}

function wrap(logger: pino.Logger): Log {
  const at =
    (level: Level) =>
    (event: string, fields: Fields = {}) =>
      logger[level](fields, event);
  return {
    child: (fields) => wrap(logger.child(fields)),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  };
}
