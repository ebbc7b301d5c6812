import { readText, replaceFile } from "../../config/durable-file.ts";
import { digestOf, type Sections, sectionsOf } from "../../config/edit.ts";
import { downText } from "../../config/language/down.ts";
import type { LoadResult } from "../../config/load.ts";
import type { Config } from "../../config/schema/config.ts";
import { NoPlaceError } from "../../config/yaml-place.ts";
import type { Clock, Log, MonotonicMs } from "../../drivers/contract.ts";
import type { ConfigSwitch } from "../config-switch.ts";
import type { Message, Revision } from "../down/message.ts";
import type { Follow } from "../follow.ts";
import { type Entry, hashOf, RevisionBook } from "./book.ts";
import { difference } from "./difference.ts";
import { FileLook } from "./file-look.ts";
import { type Telling, tell, toldKey } from "./told.ts";
import { type Vitals, verdict } from "./vitals.ts";
import { wantedBy } from "./wanted.ts";

/** How long a configuration is watched before it is believed: a device that is polled each minute was asked once. */
export const trialMs = 60_000;

export interface RevisionsParts {
  readonly configFile: string;
  readonly dataDir: string;
  readonly clock: Pick<Clock, "now" | "monotonicMs">;
  readonly log: Log;
  /** The one that runs. */
  readonly config: () => Config;
  /** Where this run has its configuration from. */
  readonly startedFrom: "file" | "last-good";
  readonly configSwitch: ConfigSwitch;
  /** As `rackwatch check` does, of a text that would stand in the file. */
  readonly check: (text: string) => LoadResult;
  readonly vitals: () => Vitals;
  readonly commit: (follow: Follow) => void;
  readonly readState: (prefix: string) => ReadonlyMap<string, unknown>;
  /** Default `trialMs`. */
  readonly trialMs?: number | undefined;
}

type Maker = Telling["maker"] & Pick<Entry, "comment">;

interface OnTrial {
  readonly entry: Entry;
  readonly previous: Entry;
  readonly before: Vitals;
  readonly until: MonotonicMs;
}

/** Nothing is known of what runs: a last good configuration from before there was a book. */
const unknown: Entry = {
  ...{ serial: 1, at: 0, source: "file", author: "file", outcome: "confirmed" },
  ...{ digest: digestOf({}), sha256: "", difference: [] },
};

/**
 * One configuration after the other: made by central, by `rackwatch apply`, at the panel or by an editor; checked, kept, switched to,
 * watched, and confirmed or taken back. Whatever ends the process in between, the next start finds a file that runs.
 */
export class Revisions {
  readonly #parts: RevisionsParts;
  readonly #book: RevisionBook;
  readonly #look: FileLook;
  /** The one that runs. */
  #entry = unknown;
  #trial: OnTrial | undefined;
  /** Of the file's content that was dealt with. */
  #seen: string | undefined;

  /** Also finishes what a run before left open. To be made when the configuration runs and events can be committed. */
  constructor(parts: RevisionsParts) {
    this.#parts = parts;
    this.#book = new RevisionBook(parts.dataDir);
    this.#look = new FileLook(parts.configFile);
    this.#settle();
    const file = readText(parts.configFile);
    this.#seen = file === undefined ? undefined : hashOf(file);
    if (parts.startedFrom === "last-good" || file === undefined) return;
    if (this.#seen !== this.#entry.sha256) this.#adopt(file, this.#makerOf(this.#seen));
  }

  /** Whether one is on trial: the next has to wait. */
  get isBusy(): boolean {
    return this.#trial !== undefined;
  }

  /** The end of a trial, and whether somebody changed the file. To be called every second or so. */
  async step(): Promise<void> {
    const mono = this.#parts.clock.monotonicMs();
    if (this.#trial !== undefined) {
      if (mono >= this.#trial.until) await this.#judge(this.#trial);
      return;
    }
    const noted = this.#book.note();
    const isUrgent = noted !== undefined && noted.sha256 !== this.#seen;
    if (this.#look.isChanged(mono, isUrgent)) await this.#fileChanged();
  }

  /** A revision of central; it is done when this resolves, apart from its trial. Not while `isBusy`. */
  async take(message: Message, revision: Revision): Promise<void> {
    const { comment } = revision;
    const maker: Maker = {
      ...{ source: "central", author: message.by, revision: revision.revision },
      ...{ number: message.number, ...(comment === undefined ? {} : { comment }) },
    };
    const { config, configFile, check } = this.#parts;
    const file = readText(configFile);
    const ground = { config: config(), entry: this.#entry, file, check, text: this.#text };
    const wanted = wantedBy(revision, ground);
    if ("refused" in wanted) return this.#refuse(maker, wanted.refused);
    if (hashOf(wanted.text) !== this.#entry.sha256) return this.#apply(wanted.text, maker);
    this.#commit({ maker, outcome: "confirmed", serial: this.#entry.serial });
  }

  /** A message that is a revision and is not carried out. */
  refuse({ number, by }: Pick<Message, "number" | "by">, revision: number, reason: string): void {
    this.#refuse({ source: "central", author: by, revision, number }, reason);
  }

  async #apply(text: string, maker: Maker): Promise<void> {
    const { configFile, configSwitch, clock, vitals } = this.#parts;
    const previous = this.#entry;
    const entry = this.#entryOf(text, maker, "trial");
    try {
      this.#keepRunning();
      this.#book.write(entry, text);
      const { number } = maker;
      const marked = { serial: entry.serial, previous: previous.serial, isOver: false };
      this.#book.beginTrial({ ...marked, ...(number === undefined ? {} : { number }) });
    } catch (error) {
      return this.#abandon(entry, maker, this.#text.notKept(codeOf(error)));
    }
    try {
      if (this.#fileHash() !== entry.sha256) replaceFile(configFile, text);
    } catch (error) {
      return this.#abandon(entry, maker, this.#text.notWritable(configFile, codeOf(error)));
    }
    this.#know(entry.sha256);
    const before = vitals();
    const switched = await configSwitch.to();
    if (!switched.ok) {
      const reason = this.#text.switchFailed(switched.reason);
      await this.#goBack(previous, entry);
      this.#keep({ ...entry, outcome: "refused", reason });
      this.#book.endTrial();
      return this.#refuse(maker, reason);
    }
    this.#entry = entry;
    const until = clock.monotonicMs() + (this.#parts.trialMs ?? trialMs);
    this.#trial = { entry, previous, before, until };
    this.#commit({ maker, outcome: "applied", serial: entry.serial });
  }

  async #judge({ entry, previous, before }: OnTrial): Promise<void> {
    const reason = verdict(before, this.#parts.vitals(), this.#text);
    if (reason === undefined) {
      // From here on a restart does not take it back any more.
      this.#book.endTrial();
      this.#trial = undefined;
      return this.#confirm(entry);
    }
    const edited = this.#fileHash() === entry.sha256 ? [] : [this.#text.edited];
    const failed = await this.#goBack(previous, entry);
    this.#trial = undefined;
    this.#entry = previous;
    this.#takenBack(entry, [reason, ...edited, ...failed].join("; "));
    this.#book.endTrial();
  }

  #confirm(entry: Entry): void {
    this.#entry = { ...entry, outcome: "confirmed" };
    this.#keep(this.#entry);
    this.#book.prune();
    this.#commit({ maker: entry, outcome: "confirmed", serial: entry.serial, isNews: true });
  }

  #takenBack(entry: Entry, reason: string, number?: number): void {
    this.#keep({ ...entry, outcome: "rolled-back", reason });
    const maker = number === undefined ? entry : { ...entry, number };
    const { serial } = entry;
    this.#commit({ maker, outcome: "rolled-back", serial, reason, isNews: true });
  }

  /** The file and the run as before, unless somebody changed the file meanwhile: that is the next revision then. */
  async #goBack(previous: Entry, entry: Entry): Promise<readonly string[]> {
    const { configFile, configSwitch, log } = this.#parts;
    const before = this.#book.text(previous.serial);
    try {
      if (this.#fileHash() === entry.sha256 && before !== undefined) {
        replaceFile(configFile, before);
        this.#know(previous.sha256);
      }
    } catch (error) {
      log.error("configuration not taken back", { err: error });
      return [this.#text.notWritable(configFile, codeOf(error))];
    }
    const switched = await configSwitch.to();
    return switched.ok ? [] : [this.#text.backFailed(switched.reason)];
  }

  async #fileChanged(): Promise<void> {
    const { configFile, configSwitch } = this.#parts;
    const text = readText(configFile);
    const sha256 = text === undefined ? undefined : hashOf(text);
    if (sha256 === this.#seen) return;
    this.#seen = sha256;
    const maker = this.#makerOf(sha256);
    const isNew = text !== undefined && sha256 !== this.#entry.sha256;
    if (isNew && maker.source !== "file") return this.#apply(text, maker);
    // Whoever edits stands in front of it: nothing takes the own work back.
    const switched = await configSwitch.to();
    if (!switched.ok) this.#refuse(maker, switched.reason);
    else if (isNew) this.#adopt(text, maker);
  }

  /** What already runs. */
  #adopt(text: string, maker: Maker): void {
    const entry = this.#entryOf(text, maker, "confirmed");
    this.#keep(entry, text);
    this.#book.prune();
    this.#entry = entry;
    this.#commit({ maker, outcome: "confirmed", serial: entry.serial, isNews: true });
  }

  /** What a run before left open. */
  #settle(): void {
    const entries = this.#book.entries();
    const newest = entries.at(-1);
    const running = entries.findLast(({ outcome }) => outcome === "confirmed");
    this.#entry = running ?? unknown;
    const trial = this.#book.trial();
    if (trial !== undefined) {
      const entry = this.#book.entry(trial.serial);
      const { restarted } = this.#text;
      if (entry !== undefined && !this.#isTold(entry.serial, "rolled-back")) {
        this.#takenBack(entry, restarted, trial.number);
      } else if (entry !== undefined) {
        this.#keep({ ...entry, outcome: "rolled-back", reason: entry.reason ?? restarted });
      }
      this.#book.endTrial();
    } else if (newest?.outcome === "trial") {
      // The mark went first: the file says whether the trial had ended, or had not begun.
      if (this.#fileHash() === newest.sha256) this.#confirm(newest);
      else this.#book.remove(newest.serial);
    } else if (running !== undefined && !this.#isTold(running.serial, "confirmed")) {
      const { serial } = running;
      const isCutOff = newest?.serial === serial && this.#isTold(serial, "applied");
      if (isCutOff) this.#commit({ maker: running, outcome: "confirmed", serial, isNews: true });
    }
  }

  #abandon(entry: Entry, maker: Maker, reason: string): void {
    const { log } = this.#parts;
    try {
      this.#book.endTrial();
      this.#book.remove(entry.serial);
    } catch (error) {
      log.warn("revision not removed", { err: error });
    }
    this.#refuse(maker, reason);
  }

  #refuse(maker: Maker, reason: string): void {
    this.#parts.log.warn("revision refused", { source: maker.source, reason });
    const { serial } = this.#entry;
    this.#commit({ maker, outcome: "refused", serial, reason, isNews: true });
  }

  #commit({ isNews, ...telling }: Omit<Telling, "digest" | "sections"> & { isNews?: true }): void {
    const { digest } = this.#entry;
    const sections = isNews === true ? this.#sections() : undefined;
    this.#parts.commit(tell({ ...telling, digest, sections }));
  }

  #isTold(serial: number, outcome: string): boolean {
    return this.#parts.readState(toldKey).get(toldKey) === `${serial} ${outcome}`;
  }

  /** Of the one that runs; undefined: its text is gone. */
  #sections(): Sections | undefined {
    const text = this.#book.text(this.#entry.serial) ?? this.#fileIfRunning();
    return text === undefined ? undefined : sectionsIn(text);
  }

  #fileIfRunning(): string | undefined {
    const file = readText(this.#parts.configFile);
    return file !== undefined && hashOf(file) === this.#entry.sha256 ? file : undefined;
  }

  /** So that there is something to go back to. @throws the system's error. */
  #keepRunning(): void {
    if (this.#book.text(this.#entry.serial) !== undefined) return;
    const file = this.#fileIfRunning();
    if (file !== undefined) this.#book.write(this.#entry, file);
  }

  /** A disk that refuses costs the history, not the configuration. */
  #keep(entry: Entry, text?: string): void {
    try {
      this.#book.write(entry, text);
    } catch (error) {
      this.#parts.log.warn("revision not kept", { err: error });
    }
  }

  #entryOf(text: string, maker: Maker, outcome: Entry["outcome"]): Entry {
    const { source, author, comment, revision } = maker;
    const before = this.#book.text(this.#entry.serial) ?? "";
    return {
      serial: this.#book.nextSerial(this.#entry === unknown ? 0 : this.#entry.serial),
      at: this.#parts.clock.now(),
      ...{ source, author, outcome },
      ...(comment === undefined ? {} : { comment }),
      ...(revision === undefined ? {} : { revision }),
      digest: digestOf(sectionsIn(text)),
      sha256: hashOf(text),
      difference: [...difference(before, text)],
    };
  }

  #makerOf(sha256: string | undefined): Maker {
    const note = this.#book.note();
    if (note === undefined || note.sha256 !== sha256) return { source: "file", author: "file" };
    const { author, comment, source = "command" } = note;
    return { source, author, ...(comment === undefined ? {} : { comment }) };
  }

  #know(sha256: string): void {
    this.#seen = sha256;
    this.#look.know();
  }

  #fileHash(): string | undefined {
    const file = readText(this.#parts.configFile);
    return file === undefined ? undefined : hashOf(file);
  }

  get #text() {
    return downText[this.#parts.config().gateway.language];
  }
}

/** A text that runs has them; one that is no mapping has none. */
function sectionsIn(text: string): Sections {
  try {
    return sectionsOf(text);
  } catch (error) {
    if (!(error instanceof NoPlaceError)) throw error;
    return {};
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
