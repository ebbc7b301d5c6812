import { syncText } from "../../config/language/sync.ts";
import { centralRoad, roadsOf } from "../../config/roads.ts";
import { enrolledAnew } from "../identity/enrolled-anew.ts";
import type { Part, SyncOptions, SyncSection } from "../sync-options.ts";
import { type AnsweringSettings, openUplink } from "../uplinks/open-uplink.ts";
import { DoneReader } from "./done-reader.ts";
import { DownLane } from "./down-lane.ts";
import { InboxBook } from "./inbox-book.ts";
import { Outgoing } from "./outgoing.ts";
import { Trust } from "./trust.ts";

/** Asks central for messages over each road that has answers, on connections of their own: who waits holds up no rows. */
export function downParts(options: SyncOptions, sync: SyncSection): readonly Part[] {
  return roadsOf(sync).flatMap(({ name, settings }) => {
    if (settings.via === "file" || settings.via === "sparkplug") return [];
    const part = name === centralRoad ? "messages" : `messages ${name}`;
    return [{ name: part, run: (signal, ticked) => run(options, name, settings, signal, ticked) }];
  });
}

async function run(
  options: SyncOptions,
  name: string,
  settings: AnsweringSettings,
  signal: AbortSignal,
  ticked: () => void,
): Promise<void> {
  const { gatewayId, dataDir, clock, language, deadlineMs } = options;
  const text = syncText[language];
  const log = options.log.child({ part: "messages", road: name });
  const late = deadlineMs === undefined ? {} : { deadlineMs };
  const parts = { gatewayId, dataDir, text, clock, log, ...late };
  await using uplink = await openUplink({ name, settings }, parts);
  using book = new InboxBook(dataDir, text);
  const reader = new DoneReader(dataDir);
  const lane = new DownLane({
    ...{ gatewayId, uplink, book, clock, log, text },
    trust: new Trust({ dataDir, log, text }),
    outgoing: new Outgoing({ dataDir, book, log }),
    done: () => reader.read(),
    random: () => Math.random(),
    enrolledAnew: enrolledAnew(dataDir),
  });
  await lane.run(signal, ticked);
}
