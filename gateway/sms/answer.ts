import type { Piece } from "./reader.ts";

/** One exchange with the modem. Nothing else is sent before it has ended (3GPP TS 27.005: one command at a time). */
export interface Step {
  /** With its end: CR for a command, 0x1A for a text. */
  readonly write: string;
  readonly timeoutMs: number;
  /** `nothing`: whatever comes in `timeoutMs` is gathered. */
  readonly wants: "final" | "prompt" | "nothing";
}

/** Why a modem or its network refuses: `+CMS ERROR` and `+CME ERROR` have a number, `ERROR` has none. */
export interface ModemError {
  readonly kind: "cms" | "cme" | "plain";
  readonly number?: number;
}

export type Answer =
  | { readonly end: "ok" | "prompt" | "timeout"; readonly lines: readonly string[] }
  | { readonly end: "error"; readonly lines: readonly string[]; readonly error: ModemError };

/** Lines of one answer; more are unsolicited ones, of which the newest are dropped. */
const answerLinesMax = 100;

/**
 * Gathers the answer to one step. Unsolicited lines (RING, +CMTI, ^MODE, RDY) may stand anywhere in it: they are
 * gathered with the rest, and whoever wants a line looks for its prefix.
 */
export class AnswerCollector {
  readonly #step: Step;
  readonly #lines: string[] = [];

  constructor(step: Step) {
    this.#step = step;
  }

  take(piece: Piece): Answer | undefined {
    const { wants, write } = this.#step;
    if (piece.is === "prompt") {
      return wants === "prompt" ? { end: "prompt", lines: this.#lines } : undefined;
    }
    const { text } = piece;
    if (text === write.trim()) return undefined;
    if (wants === "nothing") this.#keep(text);
    else if (text === "OK") return { end: "ok", lines: this.#lines };
    else {
      const error = errorOf(text);
      if (error !== undefined) return { end: "error", lines: this.#lines, error };
      this.#keep(text);
    }
    return undefined;
  }

  /** The time is over. */
  timeout(): Answer {
    return { end: this.#step.wants === "nothing" ? "ok" : "timeout", lines: this.#lines };
  }

  #keep(text: string): void {
    if (this.#lines.length < answerLinesMax) this.#lines.push(text);
  }
}

function errorOf(line: string): ModemError | undefined {
  if (line === "ERROR" || line === "COMMAND NOT SUPPORT") return { kind: "plain" };
  const match = /^\+CM([SE]) ERROR:\s*(\d+)?/.exec(line);
  if (match === null) return undefined;
  const kind = match[1] === "S" ? "cms" : "cme";
  return match[2] === undefined ? { kind } : { kind, number: Number(match[2]) };
}

/** What follows `prefix:` in the last line that begins with it. */
export function saidAfter({ lines }: Pick<Answer, "lines">, prefix: string): string | undefined {
  const line = lines.findLast((text) => text.startsWith(`${prefix}:`));
  return line?.slice(prefix.length + 1).trim();
}
