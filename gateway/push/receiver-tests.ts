import { z } from "zod";
import type { EpochMs } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";
import type { Draft } from "./draft.ts";
import type { Push } from "./push.ts";
import type { Settled } from "./push-queue.ts";

/** State keys of tests: this prefix, then `receiver/<id>` or `output/<point>`. */
const testKeyPrefix = "test/";

const testSchema = z.strictObject({
  version: z.literal(1),
  at: z.number(),
  by: z.string(),
  /** What became of it by channel and address (`sms/0`) or by output; `waiting` until it is known. */
  results: z.record(z.string(), z.string()),
});

/** The last test of one receiver or output. A result is `waiting`, `delivered`, or what went wrong. */
export type TestRecord = Readonly<Omit<z.infer<typeof testSchema>, "version">>;

/** When each receiver and output was tested last, by whom, and with what result. Never an alarm, never an excursion. */
export class ReceiverTests {
  readonly #records = new Map<string, TestRecord>();

  /** What cannot be read counts as never tested. */
  constructor(saved: ReadonlyMap<string, unknown>) {
    for (const [key, json] of saved) {
      if (!key.startsWith(testKeyPrefix)) continue;
      const parsed = testSchema.safeParse(json);
      if (!parsed.success) continue;
      const { version: _, ...record } = parsed.data;
      this.#records.set(key.slice(testKeyPrefix.length), record);
    }
  }

  get records(): ReadonlyMap<string, TestRecord> {
    return this.#records;
  }

  /** A test of a receiver that went off with these pushes. */
  begun(
    receiver: string,
    by: string,
    pushes: readonly Push[],
    { at }: Instant,
    draft: Draft,
  ): void {
    const results = Object.fromEntries(pushes.map((push) => [addressOf(push), "waiting"]));
    this.#put(`receiver/${receiver}`, { at, by, results }, draft);
  }

  /** A test of something else whose result is known. */
  done(what: string, by: string, result: string, { at }: Instant, draft: Draft): void {
    this.#put(what, { at, by, results: { [what]: result } }, draft);
    draft.event({ what: "tested", target: what, by, result });
  }

  settled({ push, state, problem = "" }: Settled, draft: Draft): void {
    const what = `receiver/${push.receiver}`;
    const record = this.#records.get(what);
    if (push.kind !== "test" || record === undefined || push.createdAt !== record.at) return;
    const result = state === "delivered" ? "delivered" : problem;
    const results = { ...record.results, [addressOf(push)]: result };
    this.#put(what, { ...record, results }, draft);
    draft.event({ what: "tested", target: `${what}/${addressOf(push)}`, by: record.by, result });
  }

  /** Of `targets`, those whose last test is longer ago than `everyMs`, or lies in the future. */
  due(targets: readonly string[], at: EpochMs, everyMs: number): readonly string[] {
    return targets.filter((target) => {
      const record = this.#records.get(target);
      if (record === undefined) return true;
      return record.at > at || at - record.at >= everyMs;
    });
  }

  #put(what: string, record: TestRecord, draft: Draft): void {
    this.#records.set(what, record);
    draft.set(testKeyPrefix + what, { version: 1, ...record });
  }
}

function addressOf({ channel, address }: Push): string {
  return `${channel}/${address}`;
}
