import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BundleExchange, type TakeOptions } from "../../cloud-sync/bundles/bundle-exchange.ts";
import { answerSuffix, bundleSuffix } from "../../cloud-sync/bundles/bundle-format.ts";
import { BundleRecord } from "../../cloud-sync/bundles/bundle-record.ts";
import { CarriedMessages } from "../../cloud-sync/bundles/carried-messages.ts";
import { importBundles } from "../../cloud-sync/central/bundles/import-bundles.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { DatabaseLink } from "../../cloud-sync/central/database-link.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { sealKeyOfToken, tokenSealKeys } from "../../cloud-sync/identity/token-seal.ts";
import { Progress } from "../../cloud-sync/progress.ts";
import { bundleText } from "../../config/language/bundles.ts";
import { syncText } from "../../config/language/sync.ts";
import { memoryLog } from "./manual-clock.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import { StepClock } from "./sync-world.ts";

/** Central with an embedded database, that takes bundles in. */
export async function bundleCentral() {
  const clock = new StepClock();
  const { log } = memoryLog();
  const database = await openPglite();
  const hang = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((_, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true }),
    );
  const link = new DatabaseLink(async () => database, { ...clock, sleep: hang }, log);
  await link.start(async () => undefined);
  const parts = { link, clock, log, text: bundleText.en, address: "bundle" };
  return {
    database,
    clock,
    link,
    /** What `rackwatch central import` does with these. */
    take: (files: readonly { readonly file: string; readonly bytes: Buffer }[]) =>
      importBundles(
        files.map(({ file, bytes }) => ({ file, read: async () => bytes })),
        parts,
      ),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}
export type BundleCentral = Awaited<ReturnType<typeof bundleCentral>>;

const sampleRow = z.object({ epoch: z.string(), seq: z.number(), value: z.number() });

/** One gateway without a network, a stick, and whoever carries it. */
export class BundleWorld implements Disposable {
  readonly id: string;
  readonly outbox = new MemoryOutbox("epoch-1");
  readonly exchange: BundleExchange;
  readonly stick: string;
  readonly progress: Progress;
  readonly messages: CarriedMessages;
  readonly #central: BundleCentral;
  readonly #token: string;

  constructor(central: BundleCentral, dir: string, id: string, token = `token-of-${id}`) {
    this.id = id;
    this.#central = central;
    this.#token = token;
    this.stick = join(dir, `${id}-stick`);
    mkdirSync(this.stick, { recursive: true });
    const dataDir = join(dir, id);
    this.progress = new Progress(dataDir, syncText.en, "stick");
    const { clock } = central;
    const { log } = memoryLog();
    this.messages = new CarriedMessages({ gatewayId: id, dataDir, clock, log, text: syncText.en });
    this.exchange = new BundleExchange({
      ...{ gatewayId: id, outbox: this.outbox, progress: this.progress, language: "en" },
      ...{ clock, log, messages: this.messages },
      keys: tokenSealKeys(id, sealKeyOfToken(token)),
      record: new BundleRecord(dataDir, "stick"),
    });
  }

  enrol(): Promise<void> {
    return addGateway(this.#central.database, this.id, this.#token);
  }

  samples(count: number): void {
    const head = this.outbox.head("samples");
    this.outbox.addSamples(
      Array.from({ length: count }, (_, index) => ({
        point: `device/p${index % 2}` as const,
        sampledAt: this.#central.clock.ms + index,
        quality: "good" as const,
        value: head + index + 1,
      })),
    );
  }

  events(count: number): void {
    const head = this.outbox.head("events");
    this.outbox.addEvents(
      Array.from({ length: count }, (_, index) => ({
        kind: "audit" as const,
        at: this.#central.clock.ms + index,
        mono: index,
        body: { value: head + index + 1 },
      })),
    );
  }

  /** Bundles on the stick, by name. */
  bundles(): readonly { readonly file: string; readonly bytes: Buffer }[] {
    const names = readdirSync(this.stick).filter((name) => name.endsWith(bundleSuffix));
    return names.sort().map((file) => ({ file, bytes: readFileSync(join(this.stick, file)) }));
  }

  empty(): void {
    for (const { file } of this.bundles()) rmSync(join(this.stick, file));
  }

  /** Central takes what is given, and its answer goes onto the stick. Its clock has gone on. */
  async carry(files = this.bundles()) {
    this.#central.clock.ms += 1_000;
    const done = await this.#central.take(files);
    for (const { gateway, name, text } of done.answers) {
      if (gateway === this.id) writeFileSync(join(this.stick, name), text);
    }
    return done.files;
  }

  takeAnswers(options: TakeOptions = {}) {
    return this.exchange.takeAll(this.stick, options);
  }

  /** Answers on the stick, by name. */
  answers(): readonly string[] {
    return readdirSync(this.stick)
      .filter((name) => name.endsWith(answerSuffix))
      .sort();
  }

  dropAnswers(): void {
    for (const name of this.answers()) rmSync(join(this.stick, name));
  }

  prune(): void {
    const { events, samples } = this.exchange.place;
    this.outbox.prune("events", events);
    this.outbox.prune("samples", samples);
  }

  /** What central has of this gateway: each number with its value, ascending. */
  async stored(lane: "events" | "samples") {
    const rows = await this.#central.database.query(
      lane === "samples"
        ? `SELECT e.epoch, s.seq::int AS seq, s.value FROM sample s JOIN epoch e USING (gateway, epoch_number)
           WHERE gateway = $1 ORDER BY 1, 2`
        : `SELECT e.epoch, s.seq::int AS seq, (s.body->>'value')::float8 AS value
           FROM event s JOIN epoch e USING (gateway, epoch_number) WHERE gateway = $1 ORDER BY 1, 2`,
      [this.id],
    );
    return z.array(sampleRow).parse(rows);
  }

  async gaps(): Promise<number> {
    const rows = await this.#central.database.query("SELECT FROM gap WHERE gateway = $1", [
      this.id,
    ]);
    return rows.length;
  }

  [Symbol.dispose](): void {
    this.progress[Symbol.dispose]();
    this.messages[Symbol.dispose]();
  }
}
