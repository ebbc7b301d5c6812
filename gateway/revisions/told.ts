import type { Sections } from "../../config/edit.ts";
import { configurationEvents, type RevisionEvent, reasonCharsMax } from "../down/outcome.ts";
import type { Follow } from "../follow.ts";
import type { Entry } from "./book.ts";

/** State: the number of central's last message that is done. The agent reads it. */
export const doneKey = "down/done";

/** State: the outcome that was told last: a start that finishes what a kill cut off does not tell it again. */
export const toldKey = "down/told";

/** Bytes of sections that go into an outcome: with its other fields it stays below what an event may have. */
export const outcomeSectionsBytesMax = 40_000;

export interface Telling {
  readonly outcome: RevisionEvent["outcome"];
  readonly maker: Pick<Entry, "source" | "author" | "revision"> & {
    /** Of central's message that is done with it. */
    readonly number?: number;
  };
  readonly serial: number;
  readonly reason?: string | undefined;
  /** What runs. */
  readonly digest: string;
  /** Given when central cannot know it. */
  readonly sections?: Sections | undefined;
}

/** What became of a revision, for central and the audit trail, in one commit with what is done by it. */
export function tell({ outcome, maker, serial, reason, digest, sections }: Telling): Follow {
  const { source, author, revision, number } = maker;
  const bytes = sections === undefined ? 0 : Buffer.byteLength(JSON.stringify(sections));
  const fits = bytes <= outcomeSectionsBytesMax;
  const body = {
    ...{ serial, outcome, source, author, digest },
    ...(revision === undefined ? {} : { revision }),
    ...(reason === undefined ? {} : { reason: reason.slice(0, reasonCharsMax).toWellFormed() }),
    ...(sections === undefined || !fits ? {} : { sections }),
  };
  const parts = sections === undefined || fits ? [] : configurationEvents(digest, serial, sections);
  return {
    events: [
      { kind: "revision", body },
      ...parts.map((part) => ({ kind: "configuration" as const, body: { ...part } })),
    ],
    state: new Map<string, unknown>([
      [toldKey, `${serial} ${outcome}`],
      ...(number === undefined ? [] : [[doneKey, number] as const]),
    ]),
  };
}
