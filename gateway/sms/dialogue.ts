import { type Answer, type ModemError, type Step, saidAfter } from "./answer.ts";
import { leaveText, oneSegment, pduOf, submit, ucs2Hex } from "./encoding.ts";

/** What is said to the modem, step by step, and what comes of it; pure. */
export type Dialogue<Result> = Generator<Step, Result, Answer>;

/** Modems need up to 30 s from power to their first OK, slow ones with a SIM nearly twice that. */
const powerUpTriesMax = 60;
const wakeMs = 1_000;
/** Longest answer of the commands that only the modem itself is asked. */
const commandMs = 5_000;
/** Checking a PIN takes the SIM seconds. */
const pinMs = 20_000;
const promptMs = 10_000;
/** The network's answer to a text; 3GPP modems give up themselves after 40 to 60 s. */
const sendMs = 60_000;
/** A late answer to a command that was given up comes within this, or belongs to no one. */
const drainMs = 500;
/** A reset modem says nothing for this long. */
const resetMs = 5_000;

function ask(command: string, timeoutMs = commandMs): Step {
  return { write: `${command}\r`, timeoutMs, wants: "final" };
}

function hush(ms: number): Step {
  return { write: "", timeoutMs: ms, wants: "nothing" };
}

/** Whether the modem is there, echo off and errors with numbers. A text that was begun before is left. */
export function* wake(triesMax = powerUpTriesMax): Dialogue<boolean> {
  yield { write: leaveText, timeoutMs: drainMs, wants: "nothing" };
  for (let tries = 0; tries < triesMax; tries += 1) {
    const { end } = yield ask("AT", wakeMs);
    if (end === "ok") {
      yield hush(drainMs);
      yield ask("ATE0");
      yield ask("AT+CMEE=1");
      return true;
    }
    if (end !== "timeout") yield hush(wakeMs);
  }
  return false;
}

/** Restarts the modem; it may go away without an answer, with its port. */
export function* reset(): Dialogue<void> {
  yield ask("AT+CFUN=1,1");
  yield hush(resetMs);
}

export type SimState = "ready" | "pin" | "puk" | "missing" | "failed" | "busy" | "no-answer";

const simErrors: ReadonlyMap<number, SimState> = new Map([
  [10, "missing"],
  [11, "pin"],
  [12, "puk"],
  [13, "failed"],
  [14, "busy"],
  [15, "failed"],
  [310, "missing"],
  [311, "pin"],
  [313, "failed"],
  [314, "busy"],
  [315, "failed"],
  [316, "puk"],
]);

/** A modem that cannot say it is taken to be ready: the sending shows. */
export function* simState(): Dialogue<SimState> {
  const answer = yield ask("AT+CPIN?");
  if (answer.end === "timeout") return "no-answer";
  if (answer.end === "error") return simErrors.get(answer.error.number ?? -1) ?? "ready";
  const said = saidAfter(answer, "+CPIN") ?? "READY";
  if (said === "READY") return "ready";
  if (said === "SIM PIN") return "pin";
  if (said.includes("PUK")) return "puk";
  return "failed";
}

/** Tries that the SIM has left for its PIN; undefined where the modem cannot say. */
export function* pinTriesLeft(): Dialogue<number | undefined> {
  const answer = yield ask("AT+CPINR");
  const line = answer.lines.find((text) => /^\+CPINR:\s*SIM PIN\s*,/.test(text));
  const left = Number(line?.split(",")[1]);
  return Number.isInteger(left) ? left : undefined;
}

/** Says the PIN once. */
export function* enterPin(pin: string): Dialogue<"accepted" | "refused" | "no-answer"> {
  const { end } = yield ask(`AT+CPIN="${pin}"`, pinMs);
  if (end === "timeout") return "no-answer";
  return end === "ok" ? "accepted" : "refused";
}

export type Registration = "home" | "roaming" | "searching" | "denied" | "unknown" | "no-answer";

/** 3GPP TS 27.007 7.2; 6 and 7: registered for SMS only. */
const registrations: ReadonlyMap<number, Registration> = new Map([
  [0, "searching"],
  [1, "home"],
  [2, "searching"],
  [3, "denied"],
  [5, "roaming"],
  [6, "home"],
  [7, "roaming"],
]);

/** Of the circuit or the LTE network, whichever has it; `unknown`: the modem cannot say. */
export function* registration(): Dialogue<Registration> {
  let found: Registration = "unknown";
  for (const name of ["CREG", "CEREG"]) {
    const answer = yield ask(`AT+${name}?`);
    if (answer.end === "timeout") return "no-answer";
    const value = saidAfter(answer, `+${name}`);
    const state = value === undefined ? undefined : registrationOf(value);
    if (state === "home" || state === "roaming") return state;
    if (state !== undefined && found !== "denied") found = state;
  }
  return found;
}

/** An answer is `n,stat,...`, an unsolicited line `stat,...` with the rest in quotes. */
function registrationOf(value: string): Registration | undefined {
  const [first = "", second = ""] = value.split(",").map((field) => field.trim());
  return registrations.get(Number(/^\d+$/.test(second) ? second : first));
}

/** Received signal strength in dBm, -113 to -51; undefined when it is not known. */
export function* signal(): Dialogue<number | undefined> {
  const value = saidAfter(yield ask("AT+CSQ"), "+CSQ");
  const rssi = Number(value?.split(",")[0]);
  return Number.isInteger(rssi) && rssi >= 0 && rssi <= 31 ? 2 * rssi - 113 : undefined;
}

export type SendOutcome =
  | { readonly is: "sent" }
  | { readonly is: "refused"; readonly error: ModemError }
  /** Whether a text was on its way is not known when it had been handed over. */
  | { readonly is: "no-answer"; readonly handedOver: boolean };

export interface Message {
  /** International form, with `+`. */
  readonly number: string;
  readonly text: string;
  /** SMS centre; undefined: the SIM's own. */
  readonly center?: string | undefined;
}

/**
 * Sends one segment: in text mode with UCS-2, as every manual shows it and as a person can read it on the port; in PDU
 * mode where the modem has no text mode or no UCS-2 in it, which some say only at the number (Quectel RM500Q). The
 * settings are said each time, because a modem that restarted by itself has forgotten them.
 */
export function* send({ number, text, center }: Message): Dialogue<SendOutcome> {
  if (yield* textMode(center)) {
    const sent = yield* hand(`AT+CMGS="${ucs2Hex(number)}"`, ucs2Hex(oneSegment(text)));
    if (sent.is !== "refused" || !isOfMode(sent.error)) return sent;
  }
  const mode = yield ask("AT+CMGF=0");
  if (mode.end === "error") return { is: "refused", error: mode.error };
  if (mode.end !== "ok") return { is: "no-answer", handedOver: false };
  const { hex, length } = pduOf(number, text, center);
  return yield* hand(`AT+CMGS=${length}`, hex);
}

/** Not allowed, not supported, wrong parameter: what is said, not to whom. */
const modeErrors: Readonly<Record<"cms" | "cme", readonly number[]>> = {
  cms: [302, 303, 304, 305],
  cme: [3, 4, 50],
};

function isOfMode({ kind, number }: ModemError): boolean {
  return kind === "plain" || (number !== undefined && modeErrors[kind].includes(number));
}

function* textMode(center: string | undefined): Dialogue<boolean> {
  const commands = ["AT+CMGF=1", 'AT+CSCS="UCS2"', "AT+CSMP=17,167,0,8"];
  if (center !== undefined) commands.push(`AT+CSCA="${ucs2Hex(center)}",145`);
  for (const command of commands) {
    const { end } = yield ask(command);
    if (end !== "ok") return false;
  }
  return true;
}

function* hand(command: string, text: string): Dialogue<SendOutcome> {
  const prompt = yield { write: `${command}\r`, timeoutMs: promptMs, wants: "prompt" };
  if (prompt.end === "error") return { is: "refused", error: prompt.error };
  if (prompt.end !== "prompt") {
    yield { write: leaveText, timeoutMs: drainMs, wants: "nothing" };
    return { is: "no-answer", handedOver: false };
  }
  const answer = yield { write: text + submit, timeoutMs: sendMs, wants: "final" };
  if (isSent(answer)) return { is: "sent" };
  if (answer.end === "error") return { is: "refused", error: answer.error };
  // An answer that comes late must not be taken for that of the next command, and may still be good news.
  const late = yield { write: leaveText, timeoutMs: drainMs, wants: "nothing" };
  return isSent(late) ? { is: "sent" } : { is: "no-answer", handedOver: true };
}

function isSent(answer: Answer): boolean {
  return saidAfter(answer, "+CMGS") !== undefined;
}
