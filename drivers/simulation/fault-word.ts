import { RackwatchError } from "../errors.ts";
import { parseDuration } from "../quantity.ts";
import type { Faults } from "./listen.ts";

/** Longer than any driver waits for an answer by default. */
const delayMsDefault = 2_000;

export const faultWords = [
  "none",
  "silent",
  "garbage",
  "half-frames",
  "corrupt",
  "delay",
  "babble",
  "refuse",
] as const;

/**
 * `silent`, `delay=500ms`, `corrupt=5` (every fifth write), or several with commas.
 * @throws RackwatchError `config/invalid`.
 */
export function parseFaults(text: string): Faults {
  return Object.assign({}, ...text.split(",").map((word) => parseFault(word.trim())));
}

function parseFault(word: string): Faults {
  const [name, amount] = word.split("=");
  switch (name) {
    case "none":
      return {};
    case "silent":
      return { silent: true };
    case "garbage":
      return { garbage: true };
    case "half-frames":
      return { halfFrames: true };
    case "corrupt": {
      const every = amount === undefined ? 1 : Number(amount);
      if (Number.isInteger(every) && every > 0) return { corruptEvery: every };
      break;
    }
    case "delay": {
      const delayMs = amount === undefined ? delayMsDefault : parseDuration(amount);
      if (delayMs !== undefined) return { delayMs };
      break;
    }
    case "babble":
      return { babble: true };
    case "refuse":
      return { refuse: true };
  }
  throw new RackwatchError("config/invalid", `"${word}" is no fault`, {
    todo: `One of: ${faultWords.join(", ")}; delay=500ms and corrupt=5 say how much`,
  });
}
