import { z } from "zod";
import { channelKinds } from "../../config/schema/notify.ts";
import { prioritySchema } from "../../config/schema/rule.ts";
import type { Draft } from "./draft.ts";

/** Pushes that were given up and are still shown: a screen or two; all are in the log of events. */
export const deadLettersMax = 200;

/** State keys: this prefix and a slot, used in turn, so that one more costs one small row. */
const deadKeyPrefix = "dead-push/";

const deadSchema = z.strictObject({
  version: z.literal(1),
  /** Counts on from the first. */
  number: z.int().min(1),
  id: z.string(),
  receiver: z.string(),
  channel: z.enum(channelKinds),
  address: z.int().min(0),
  kind: z.string(),
  alarm: z.string().optional(),
  priority: prioritySchema,
  short: z.string(),
  attempts: z.int().min(0),
  problem: z.string(),
  at: z.number(),
});

/** A push that no receiver got, and why. */
export type DeadPush = Readonly<Omit<z.infer<typeof deadSchema>, "version" | "number">>;

export class DeadLetters {
  #letters: z.infer<typeof deadSchema>[];

  /** What cannot be read is ignored. */
  constructor(saved: ReadonlyMap<string, unknown>) {
    this.#letters = [...saved]
      .filter(([key]) => key.startsWith(deadKeyPrefix))
      .flatMap(([, json]) => {
        const parsed = deadSchema.safeParse(json);
        return parsed.success ? [parsed.data] : [];
      })
      .sort((a, b) => a.number - b.number);
  }

  add(letter: DeadPush, draft: Draft): void {
    const number = (this.#letters.at(-1)?.number ?? 0) + 1;
    const entry = { version: 1, number, ...letter } as const;
    this.#letters.push(entry);
    if (this.#letters.length > deadLettersMax) this.#letters.shift();
    draft.set(deadKeyPrefix + String(number % deadLettersMax).padStart(3, "0"), entry);
  }

  /** The newest first. */
  list(): readonly DeadPush[] {
    return this.#letters.toReversed().map(({ version: _, number: __, ...letter }) => letter);
  }
}
