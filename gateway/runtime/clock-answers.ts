import { z } from "zod";

/** A clock that may be off by more than this is no better than one that nobody keeps. */
export const clockErrorMsMax = 1_000;

/** What a program says of the clock. */
export interface ClockAnswer {
  readonly isSynchronized: boolean;
  /** How far it may be off, where that is known. */
  readonly errorMs?: number;
}

/** `timedatectl show -p NTPSynchronized`: the kernel's own state, whoever keeps it. Undefined: no answer. */
export function timedatectlAnswer(output: string): ClockAnswer | undefined {
  const said = /^NTPSynchronized=(yes|no)$/m.exec(output)?.[1];
  return said === undefined ? undefined : { isSynchronized: said === "yes" };
}

const number = z.string().min(1).pipe(z.coerce.number());

/** Fields of `chronyc -c tracking` (chronyc(1)): seconds, and the leap status at the end. */
const trackingSchema = z.object({
  offset: number,
  rootDelay: number,
  rootDispersion: number,
  leap: z.string(),
});

/** What chrony itself measured; it need not tell the kernel. Undefined: no answer. */
export function trackingAnswer(output: string): ClockAnswer | undefined {
  const fields = output.trim().split(",");
  const [offset, rootDelay, rootDispersion, leap] = [fields[4], fields[10], fields[11], fields[13]];
  const parsed = trackingSchema.safeParse({ offset, rootDelay, rootDispersion, leap });
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const errorMs = (Math.abs(data.offset) + data.rootDispersion + data.rootDelay / 2) * 1_000;
  const isKept = data.leap !== "Not synchronised" && data.leap !== "";
  return { isSynchronized: isKept && errorMs <= clockErrorMsMax, errorMs };
}
