import type { Language } from "../../config/language/language.ts";
import { smsText } from "../../config/language/sms.ts";
import type { Config } from "../../config/schema/config.ts";
import { connect, plainLine } from "../../drivers/connect.ts";
import type { Clock, Log, MonotonicMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Health, Problem } from "../health/health.ts";
import { problemOf } from "../health/health-book.ts";
import type { Delivery, Push } from "../push/push.ts";
import type { Instant } from "../rules/rule.ts";
import * as talks from "./dialogue.ts";
import { Modem } from "./modem.ts";
import { isMarked, markOf } from "./pin-mark.ts";
import { type Parcel, type ParcelOutcome, SmsQueue } from "./queue.ts";
import { codeOf, verdictOf } from "./verdict.ts";

/** How often SIM, registration and signal are looked at: when all is well, and when something is wrong. */
const lookMs = { well: 30_000, unwell: 5_000 };

/** A message that a timer queued, such as the next step of a ladder, wakes nobody: it is found within this. */
const pollMs = 1_000;

/** First and longest pause before the port is opened again. */
const reopenMs = { first: 1_000, longest: 60_000 };

/** A modem that answered a moment ago is back within this many tries of a second, or hangs. */
const recoverTriesMax = 5;

/** A SIM that nobody has tried a PIN on has this many tries left. */
const pinTriesFull = 3;

export interface SmsLineParts {
  readonly config: NonNullable<Config["sms"]>;
  readonly receivers: Config["notify"];
  readonly language: Language;
  readonly digestEveryMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly health: Health;
  /** All queued pushes, those of other channels too. */
  readonly waiting: () => readonly Push[];
  /** Told what became of a push; again with each failed attempt. */
  readonly report: (deliveries: readonly Delivery[]) => void;
  /** The state under `pinMarkKey`. `write` returns when it is durable; undefined deletes. */
  readonly pinMark: { read(): unknown; write(mark: unknown): void };
  readonly random?: () => number;
}

export interface SmsStatus {
  readonly registration: talks.Registration;
  readonly signalDbm?: number;
}

type Look = "well" | "unwell" | "hangs";

/**
 * SMS through a modem of this gateway, with or without a network or central: takes the pushes that wait one at a time,
 * and keeps the modem at it. A hang is answered with more force each time: escape, reset, opening the port again.
 */
export class SmsLine {
  readonly #parts: SmsLineParts;
  readonly #queue: SmsQueue;
  #nap = new AbortController();
  #status: SmsStatus | undefined;
  #hangs = 0;
  #wasWell = false;

  constructor(parts: SmsLineParts) {
    this.#parts = parts;
    this.#queue = new SmsQueue({
      perHourMax: parts.config.perHourMax,
      digestEveryMs: parts.digestEveryMs,
      numberOf: ({ receiver, address }) => parts.receivers[receiver]?.sms[address],
      random: parts.random ?? Math.random,
    });
  }

  /** Something may wait: to be called after pushes were queued. */
  wake(): void {
    this.#nap.abort();
  }

  /** What became of every push that is still queued. */
  deliveries(): readonly Delivery[] {
    return this.#queue.deliveries();
  }

  /** Undefined while the modem is not at hand. */
  status(): SmsStatus | undefined {
    return this.#status;
  }

  /** Until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, health } = this.#parts;
    let pauseMs = reopenMs.first;
    while (!signal.aborted) {
      this.#take();
      this.#wasWell = false;
      try {
        await this.#session(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof RackwatchError)) log.error("sms failed", { err: error });
        health.report("sms", problemOf(error, "driver/unavailable"));
      }
      this.#status = undefined;
      if (this.#wasWell) pauseMs = reopenMs.first;
      await clock.sleep(pauseMs, signal).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, reopenMs.longest);
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    const { config, clock } = this.#parts;
    const serial = { ...plainLine, baudRate: config.baudRate };
    await using modem = new Modem(await connect(config.port, { serial }, signal), clock);
    this.#hangs = 0;
    if (!(await modem.talk(talks.wake(), signal)) && !(await this.#reset(modem, signal))) return;
    while (!signal.aborted) {
      this.#take();
      const look = await this.#look(modem, signal);
      if (look === "unwell") await this.#rest(modem, lookMs.unwell, signal);
      const hangs = look === "hangs" || (look === "well" && !(await this.#work(modem, signal)));
      if (hangs && !(await this.#recover(modem, signal))) return;
    }
  }

  /** Sends what waits until the next look is due. False: the modem hangs. */
  async #work(modem: Modem, signal: AbortSignal): Promise<boolean> {
    const until = this.#mono() + lookMs.well;
    while (!signal.aborted && this.#mono() < until) {
      this.#take();
      const parcel = this.#queue.next(this.#mono());
      if (parcel === undefined) {
        const due = Math.min(until, this.#queue.nextDue(this.#mono()) ?? until);
        await this.#rest(modem, Math.min(pollMs, due - this.#mono()), signal);
        continue;
      }
      const next = await this.#send(modem, parcel, signal);
      if (next !== "go on") return next === "look";
    }
    return true;
  }

  async #send(modem: Modem, parcel: Parcel, signal: AbortSignal) {
    const { number, text } = parcel;
    const { center } = this.#parts.config;
    let sent: talks.SendOutcome = { is: "no-answer", handedOver: true };
    try {
      sent = await modem.talk(talks.send({ number, text, center }), signal);
    } finally {
      this.#settle(parcel, this.#outcomeOf(sent));
    }
    if (sent.is === "no-answer") return "hangs";
    this.#hangs = 0;
    return sent.is === "refused" && verdictOf(sent.error).isModem ? "look" : "go on";
  }

  #outcomeOf(sent: talks.SendOutcome): ParcelOutcome {
    const text = smsText[this.#parts.language];
    if (sent.is === "sent") return { is: "delivered" };
    if (sent.is === "no-answer") {
      const problem = sent.handedOver ? text.maybeSent : text.noAnswer;
      return { is: "failed", problem, mayHaveLeft: sent.handedOver };
    }
    const { refusal, isFinal } = verdictOf(sent.error);
    const problem = text.withCode(text[refusal], codeOf(sent.error));
    return isFinal ? { is: "refused", problem } : { is: "failed", problem, mayHaveLeft: false };
  }

  /** SIM, registration and signal; says how the modem is. */
  async #look(modem: Modem, signal: AbortSignal): Promise<Look> {
    const text = smsText[this.#parts.language];
    const sim = await modem.talk(talks.simState(), signal);
    if (sim === "no-answer") return "hangs";
    if (sim === "pin") return this.#unlock(modem, signal);
    if (sim === "puk") return this.#unwell("sms/pin", text.pukWanted, text.pukTodo);
    if (sim !== "ready") {
      return this.#unwell("sms/sim", sim === "missing" ? text.noSim : text.simFailed, text.simTodo);
    }
    const registration = await modem.talk(talks.registration(), signal);
    if (registration === "no-answer") return "hangs";
    const signalDbm = await modem.talk(talks.signal(), signal);
    this.#status = { registration, ...(signalDbm === undefined ? {} : { signalDbm }) };
    if (registration === "searching" || registration === "denied") {
      const message = registration === "denied" ? text.denied : text.notRegistered;
      return this.#unwell("sms/not-registered", message, text.networkTodo);
    }
    this.#wasWell = true;
    this.#parts.health.report("sms", undefined);
    return "well";
  }

  /** Says the PIN, unless the SIM has refused it before. */
  async #unlock(modem: Modem, signal: AbortSignal): Promise<Look> {
    const { config, pinMark, language } = this.#parts;
    const text = smsText[language];
    const pin = config.pin?.reveal();
    if (pin === undefined) return this.#unwell("sms/pin", text.pinMissing, text.pinTodo);
    const refused = () => this.#unwell("sms/pin", text.pinRefused, text.pinTodo);
    if (await isMarked(pin, pinMark.read())) {
      const left = await modem.talk(talks.pinTriesLeft(), signal);
      if (left === undefined || left < pinTriesFull) return refused();
    }
    pinMark.write(await markOf(pin));
    const said = await modem.talk(talks.enterPin(pin), signal);
    if (said === "no-answer") return "hangs";
    if (said === "refused") return refused();
    pinMark.write(undefined);
    return this.#unwell("sms/not-registered", text.notRegistered, text.networkTodo);
  }

  async #recover(modem: Modem, signal: AbortSignal): Promise<boolean> {
    const { config, health, language, log } = this.#parts;
    const text = smsText[language];
    this.#hangs += 1;
    log.warn("modem hangs", { port: config.port, time: this.#hangs });
    const { port } = config;
    const hang = { message: text.noAnswer, where: port, todo: text.modemTodo };
    health.report("sms", { code: "sms/no-answer", ...hang });
    if (this.#hangs === 1 && (await modem.talk(talks.wake(recoverTriesMax), signal))) return true;
    return this.#hangs <= 2 && this.#reset(modem, signal);
  }

  async #reset(modem: Modem, signal: AbortSignal): Promise<boolean> {
    const { config, health, language } = this.#parts;
    await modem.talk(talks.reset(), signal);
    if (await modem.talk(talks.wake(), signal)) return true;
    const text = smsText[language];
    const hang = { message: text.noAnswer, where: config.port, todo: text.modemTodo };
    health.report("sms", { code: "sms/no-answer", ...hang });
    return false;
  }

  #unwell(code: Problem["code"], message: string, todo: string): Look {
    const { config, health } = this.#parts;
    health.report("sms", { code, message, where: config.port, todo });
    return "unwell";
  }

  #take(): void {
    this.#queue.take(this.#parts.waiting(), this.#instant());
    this.#tell();
  }

  #settle(parcel: Parcel, outcome: ParcelOutcome): void {
    this.#queue.settle(parcel, outcome, this.#instant());
    const problem = outcome.is === "delivered" ? {} : { problem: outcome.problem };
    this.#parts.log.info("sms", { pushes: parcel.ids, outcome: outcome.is, ...problem });
    this.#tell();
  }

  #tell(): void {
    const changes = this.#queue.changes();
    if (changes.length > 0) this.#parts.report(changes);
  }

  /** Until something may wait, the port is gone, or the time is over. */
  async #rest(modem: Modem, ms: number, signal: AbortSignal): Promise<void> {
    this.#nap = new AbortController();
    const until = AbortSignal.any([this.#nap.signal, modem.lost, signal]);
    await this.#parts.clock.sleep(Math.max(1, ms), until).catch(() => undefined);
    modem.throwIfLost();
  }

  #mono(): MonotonicMs {
    return this.#parts.clock.monotonicMs();
  }

  #instant(): Instant {
    return { at: this.#parts.clock.now(), mono: this.#mono() };
  }
}
