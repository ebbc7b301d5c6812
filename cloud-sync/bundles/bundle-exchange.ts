import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { bundleText } from "../../config/language/bundles.ts";
import type { Language } from "../../config/language/language.ts";
import { syncText } from "../../config/language/sync.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type Lane, lanes } from "../../gateway/store/store.ts";
import type { AgentOptions } from "../agent-options.ts";
import { Cursors } from "../cursors.ts";
import { helloOf } from "../greeting.ts";
import type { SealKeys } from "../identity/seal.ts";
import { answerBytesMax, judgeAnswer } from "./answer-format.ts";
import { answerSuffix, bundleName, headBytes, sha256Of } from "./bundle-format.ts";
import {
  covers,
  type ExportPlan,
  isQuestion,
  planAnew,
  planFolder,
  planSinceLast,
} from "./bundle-plan.ts";
import type { BundleRecord, MadeBundle, Recorded } from "./bundle-record.ts";
import { type CarriedFile, carriedFile } from "./carried-files.ts";
import type { CarriedMessages } from "./carried-messages.ts";
import { type ExportedBundle, exportBundles } from "./export-bundles.ts";
import type { Places } from "./letters.ts";

export interface ExchangeParts extends Omit<AgentOptions, "uplink" | "random" | "text"> {
  readonly keys: SealKeys;
  readonly record: BundleRecord;
  readonly language: Language;
  readonly messages: CarriedMessages;
}

/** What became of one answer. */
export type AnswerTaken =
  | { readonly file: string; readonly kind: "taken"; readonly marks: Places }
  | { readonly file: string; readonly kind: "known" }
  | {
      readonly file: string;
      /** `foreign`: for another gateway, as on a stick that several share. */
      readonly kind: "refused" | "foreign";
      readonly message: string;
      readonly todo: string;
    };

export interface TakeOptions {
  readonly newCentral?: boolean;
  readonly older?: boolean;
}

/** Bundles out and answers in, for the agent's road and for a person's command. */
export class BundleExchange {
  readonly #with: ExchangeParts;
  readonly #cursors: Cursors;

  constructor(parts: ExchangeParts) {
    this.#with = parts;
    const text = syncText[parts.language];
    this.#cursors = new Cursors({ ...parts, text });
  }

  /** How far central is, as its answers said. @throws RackwatchError `store/io` while there is no store. */
  get place(): Places {
    const epoch = this.#epoch();
    return {
      events: this.#cursors.at("events", epoch),
      samples: this.#cursors.at("samples", epoch),
    };
  }

  get heads(): Places {
    const { outbox } = this.#with;
    return { events: outbox.head("events"), samples: outbox.head("samples") };
  }

  get lastAnswer(): Recorded["answer"] {
    return this.#with.record.read(this.#epoch()).answer;
  }

  /**
   * Everything after the cursor, or after the last bundle that was made. Where central has confirmed all, one without rows, which
   * asks for its messages.
   */
  async export(folder: string, sinceLast: boolean): Promise<readonly ExportedBundle[]> {
    const cursor = this.place;
    const recorded = this.#with.record.read(this.#epoch());
    const plan = sinceLast ? planSinceLast(cursor, recorded.bundles) : planAnew(cursor);
    const isAll = covers(cursor, this.heads);
    if (covers(plan.from, this.heads) && !isAll) return [];
    return this.#write(folder, isAll ? planAnew(cursor) : plan, recorded, sinceLast);
  }

  /** What the folder lacks of what central lacks; bundles that central has are removed from it. */
  async fill(folder: string): Promise<readonly ExportedBundle[]> {
    const cursor = this.place;
    const recorded = this.#with.record.read(this.#epoch());
    const open: MadeBundle[] = [];
    for (const bundle of recorded.bundles) {
      const isOpen = isQuestion(bundle) && covers(bundle.to, cursor) && covers(cursor, this.heads);
      if (covers(cursor, bundle.to) && !isOpen) rmSync(join(folder, bundle.name), { force: true });
      else open.push(bundle);
    }
    const held = open.filter((bundle) => isThere(folder, bundle));
    const plan = planFolder(cursor, this.heads, held);
    const kept = { ...recorded, bundles: open };
    if (plan !== undefined) return this.#write(folder, plan, kept, true);
    if (covers(cursor, this.heads) && !held.some(isQuestion)) {
      return this.#write(folder, planAnew(cursor), kept, true);
    }
    if (open.length < recorded.bundles.length) this.#with.record.write(kept);
    return [];
  }

  /** Whether all rows are confirmed or in bundles of this folder. */
  isWhole(folder: string): boolean {
    const { bundles } = this.#with.record.read(this.#epoch());
    const held = bundles.filter((bundle) => isThere(folder, bundle));
    return planFolder(this.place, this.heads, held) === undefined;
  }

  /** Takes central's answers for this gateway that lie there, the oldest first. */
  async takeAll(folder: string, options: TakeOptions = {}): Promise<readonly AnswerTaken[]> {
    const names = (await readdir(folder)).filter((name) => name.endsWith(answerSuffix)).sort();
    const read = names.map((name) => ({ file: name, bytes: bytesOf(join(folder, name)) }));
    const inOrder = read.toSorted((a, b) => madeAt(a.bytes) - madeAt(b.bytes));
    return inOrder.map(({ file, bytes }) => this.take(file, bytes, options));
  }

  /** @param bytes of an answer; undefined: it is longer than one may be. */
  take(file: string, bytes: Uint8Array | undefined, options: TakeOptions = {}): AnswerTaken {
    const { keys, gatewayId: gateway, record, clock, language } = this.#with;
    const text = bundleText[language];
    const epoch = this.#epoch();
    const recorded = record.read(epoch);
    if (bytes === undefined) return { file, kind: "refused", ...text.tooLong(answerBytesMax) };
    const last = recorded.answer;
    const judged = judgeAnswer(bytes, { gateway, epoch, keys, text, last, ...options });
    if (judged.kind !== "taken") return { file, ...judged };
    const { answer, marks } = judged;
    // Before it counts as known: a message that could not be kept comes again.
    this.#with.messages.take(answer);
    for (const lane of lanes) this.#cursors.follow(lane, epoch, marks[lane]);
    const { generation, madeAt: at } = answer;
    const refused = answer.refused.filter((it) => it.epoch === epoch);
    record.write({
      ...recorded,
      answer: { generation, madeAt: at, takenAt: clock.now() },
      refused: refused.map(({ lane, firstSeq, lastSeq }) => ({ lane, firstSeq, lastSeq })),
    });
    const { events, samples } = marks;
    return { file, kind: "taken", marks: { events, samples } };
  }

  async #write(
    folder: string,
    plan: ExportPlan,
    recorded: Recorded,
    /** Files that lie in another bundle need not be in this one. */
    goesOn: boolean,
  ): Promise<readonly ExportedBundle[]> {
    const { gatewayId: gateway, outbox, keys, clock, language, record, messages } = this.#with;
    const { epoch } = recorded;
    const hello = helloOf(this.#with, epoch);
    const planned = bundleName({ gateway, epoch, number: plan.number, from: plan.from });
    const others = recorded.bundles.filter(({ name }) => goesOn && name !== planned);
    const carried = new Set(others.flatMap(({ files }) => files));
    const made = await exportBundles({
      ...{ folder, gateway, outbox, epoch, keys, clock, hello, ...plan },
      ...{ text: bundleText[language], suspects: recorded.refused },
      inbox: messages.held(),
      files: filesOf(messages, carried),
    });
    const names = new Set(made.map(({ name }) => name));
    const before = recorded.bundles.filter(({ name }) => !names.has(name));
    const bundles = made.map(({ name, head, files }): MadeBundle => {
      const { number, after, from, to, bytes, sha256 } = head;
      const has = { from, to, bytes, sha256, files: [...files] };
      return { name, number, ...has, ...(after && { after }) };
    });
    record.write({ ...recorded, bundles: [...before, ...bundles] });
    return made;
  }

  #epoch(): string {
    const { epoch } = this.#with.outbox;
    if (epoch !== "") return epoch;
    const { message, todo } = syncText[this.#with.language].noStore("gateway.db");
    throw new RackwatchError("store/io", message, { todo });
  }
}

/** One at a time: each may have megabytes. */
function* filesOf(messages: CarriedMessages, carried: ReadonlySet<string>): Generator<CarriedFile> {
  for (const name of messages.files()) {
    const file = carried.has(name) ? undefined : carriedFile(messages.folder, name);
    if (file !== undefined) yield file;
  }
}

/** The very one that was written: another file under its name, or half of it, holds nothing. */
function isThere(folder: string, { name, bytes, sha256 }: MadeBundle): boolean {
  const file = join(folder, name);
  if (!existsSync(file) || statSync(file).size !== headBytes + bytes) return false;
  return sha256Of(readFileSync(file).subarray(headBytes)) === sha256;
}

function bytesOf(file: string): Uint8Array | undefined {
  return statSync(file).size > answerBytesMax ? undefined : readFileSync(file);
}

const madeAtPattern = /"madeAt":([\d.e+]+)/;

/** For the order alone; whether it is true is told by the seal. */
function madeAt(bytes: Uint8Array | undefined): number {
  return Number(madeAtPattern.exec(Buffer.from(bytes ?? []).toString("utf8"))?.[1] ?? 0);
}

/** Rows of both lanes in one bundle. */
export function rowsOf({ head: { from, to } }: ExportedBundle): number {
  return lanes.reduce((sum: number, lane: Lane) => sum + to[lane] - from[lane], 0);
}
