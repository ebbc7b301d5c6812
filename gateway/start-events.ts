import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Point } from "./point-book.ts";
import type { GatewayEvent } from "./store/store.ts";

/** JSON bytes of the points in one event: half of what the store keeps of a body, so that the rest of it always fits. */
export const pointNotesBytesMax = 32_768;

/** What central needs to show a point as the panel does; a key that is absent has no value. */
interface PointNote {
  readonly key: string;
  readonly kind: Point["kind"];
  readonly unit?: string;
  readonly name?: string;
  readonly location?: string;
}

export interface StartEvent extends Pick<GatewayEvent, "kind" | "body"> {
  readonly state?: ReadonlyMap<string, unknown>;
}

/** Key of the state that counts boots: their ids have no order, and their clocks may lie. */
export const bootKey = "boot/number";

const countedSchema = z.object({ boot: z.string(), number: z.int().min(1) });

/**
 * What goes on record at each start: the boot with its number, the gateway's name and its points. Points beyond
 * `pointNotesBytesMax` follow in `config` events of the same form, in the order of the configuration.
 */
export function startEvents(
  boot: Readonly<Record<string, unknown>> & { readonly boot: string },
  name: string | undefined,
  points: Iterable<Point>,
  known: ReadonlyMap<string, unknown> = new Map(),
): readonly StartEvent[] {
  const [first = [], ...more] = slices([...points].map(noteOf));
  const number = bootNumber(boot.boot, known.get(bootKey));
  const named = name === undefined ? {} : { name };
  return [
    {
      kind: "boot",
      body: { ...boot, number, ...named, points: first },
      state: new Map([[bootKey, { boot: boot.boot, number }]]),
    },
    ...more.map((slice): StartEvent => ({ kind: "config", body: { points: slice } })),
  ];
}

/**
 * What central is told when the points or the name are others than `before`, while the gateway runs: `config` events of
 * the same form, every point in them.
 */
export function renamedEvents(
  name: string | undefined,
  points: Iterable<Point>,
  before: { readonly name: string | undefined; readonly points: Iterable<Point> },
): readonly StartEvent[] {
  const notes = [...points].map(noteOf);
  const known = [...before.points].map(noteOf);
  if (name === before.name && isDeepStrictEqual(notes, known)) return [];
  const [first = [], ...more] = slices(notes);
  // The slices that follow say nothing of the name, so that one that is gone is said to be empty.
  const body = { ...(name === before.name ? {} : { name: name ?? "" }), points: first };
  return [body, ...more.map((slice) => ({ points: slice }))].map((it) => ({
    kind: "config",
    body: it,
  }));
}

/** A start within the same boot has the same number. */
function bootNumber(boot: string, known: unknown): number {
  const counted = countedSchema.safeParse(known);
  if (!counted.success) return 1;
  return counted.data.boot === boot ? counted.data.number : counted.data.number + 1;
}

function noteOf({ key, kind, unit, name, location }: Point): PointNote {
  return {
    key,
    kind,
    ...(unit === undefined ? {} : { unit }),
    ...(name === undefined ? {} : { name }),
    ...(location === undefined ? {} : { location }),
  };
}

function slices(notes: readonly PointNote[]): readonly (readonly PointNote[])[] {
  const all: PointNote[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const note of notes) {
    const size = Buffer.byteLength(JSON.stringify(note)) + 1;
    if (bytes + size > pointNotesBytesMax) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)?.push(note);
    bytes += size;
  }
  return all;
}
