import { z } from "zod";
import { isStorableTime } from "./database/copy-rows.ts";
import type { EventRow } from "./event-rows.ts";

/** Characters of a name or identity: longer than any that a gateway lets in. Such a movement is kept as an event only. */
const textCharsMax = 200;

/** Beyond what a gateway can count to, in any unit. */
const quantityMax = 1e15;

const text = z.string().min(1).max(textCharsMax);
const quantity = z.number().min(-quantityMax).max(quantityMax);
const time = z.number().refine(isStorableTime);

/** What a movement must say to count; the rest of it is kept as it came. */
const movementSchema = z.object({
  id: text,
  kind: text,
  location: text,
  item: text,
  lot: text.optional(),
  quantity,
  unit: text,
  at: time,
});

const balanceSchema = z.object({
  location: text,
  item: text,
  lot: text.optional(),
  quantity,
  unit: text,
  name: text.optional(),
  movedAt: time.optional(),
});
type BalanceRow = z.infer<typeof balanceSchema>;

const balancesSchema = z.object({
  do: z.literal("balances"),
  /** Parts are counted from 1; what the first one does not name is gone. */
  part: z.int().min(1),
  balances: z.array(balanceSchema),
});

/** One row of `movement`; the names are the columns'. */
interface MovementRow extends z.infer<typeof movementSchema> {
  readonly seq: number;
  readonly body: EventRow["body"];
}

/** What happens to a gateway's stock, in the order in which it was told. */
export type StockStep =
  | { readonly is: "moved"; readonly movements: readonly MovementRow[] }
  | { readonly is: "said"; readonly isFirst: boolean; readonly balances: readonly BalanceRow[] };

/** Movements that follow one another are one step. One that comes twice in it counts once. */
export function stockSteps(events: readonly EventRow[]): readonly StockStep[] {
  const steps: StockStep[] = [];
  let run: Map<string, MovementRow> | undefined;
  const close = () => {
    if (run !== undefined) steps.push({ is: "moved", movements: [...run.values()] });
    run = undefined;
  };
  for (const { seq, kind, body } of events) {
    if (kind === "movement") {
      const movement = movementSchema.safeParse(body).data;
      if (movement === undefined) continue;
      run ??= new Map();
      if (!run.has(movement.id)) run.set(movement.id, { ...movement, seq, body });
    } else if (kind === "stock") {
      const said = balancesSchema.safeParse(body).data;
      if (said === undefined) continue;
      close();
      steps.push({ is: "said", isFirst: said.part === 1, balances: said.balances });
    }
  }
  close();
  return steps;
}
