import type { Framer } from "../framing/framer.ts";
import { type Region, regions } from "./protocol.ts";
import { buildR200, createR200Framer } from "./r200/frame.ts";
import { r200Commands, readR200 } from "./r200/message.ts";
import { buildSwct, createSwctFramer } from "./swct/frame.ts";
import { readSwct, swctCommands } from "./swct/message.ts";
import type { Talk } from "./talk.ts";
import { buildMercury, createMercuryFramer, parseMercury } from "./thingmagic/frame.ts";
import { mercuryOpcodes } from "./thingmagic/message.ts";
import { mercuryRegions } from "./thingmagic/regions.ts";
import { buildUhfReader, createUhfReaderFramer } from "./uhfreader/frame.ts";
import { readInfo } from "./uhfreader/info.ts";
import { readUhfReader, uhfCommands } from "./uhfreader/message.ts";

interface Answered {
  readonly protocol: string;
  readonly frame: Uint8Array;
}

/** What a reader is asked that changes nothing. */
export interface Question {
  /** Languages that an answer may turn out to be. */
  readonly protocols: readonly string[];
  readonly request: Uint8Array;
  readonly createFramer: () => Framer;
  /** Undefined: the frame is no answer. */
  readonly protocolOf: (frame: Uint8Array) => Answered | undefined;
  /** The region that the reader has stored, where that is asked apart. */
  readonly region?: (talk: Talk, timeoutMs: number) => Promise<Region | undefined>;
}

/** Readers answer to any address that is FF. */
const broadcast = 0xff;

/** Hardware version, the first of three. */
const r200Version = [0];

export const questions: readonly Question[] = [
  {
    protocols: ["r200"],
    request: buildR200("command", r200Commands.info, r200Version),
    createFramer: createR200Framer,
    protocolOf: (frame) => {
      const message = readR200(frame);
      const isAnswer = message.is === "response" && message.command === r200Commands.info;
      return isAnswer ? { protocol: "r200", frame } : undefined;
    },
  },
  {
    protocols: ["thingmagic"],
    request: buildMercury(mercuryOpcodes.version),
    createFramer: () => createMercuryFramer("response"),
    protocolOf: (frame) =>
      parseMercury(frame).opcode === mercuryOpcodes.version
        ? { protocol: "thingmagic", frame }
        : undefined,
    region: mercuryRegion,
  },
  {
    protocols: ["uhfreader18", "uhfreader288"],
    request: buildUhfReader(broadcast, uhfCommands.info),
    createFramer: createUhfReaderFramer,
    protocolOf: (frame) => {
      const message = readUhfReader(frame, "response");
      if (message.is !== "response" || message.command !== uhfCommands.info) return undefined;
      const info = readInfo(message.data);
      return info === undefined ? undefined : { protocol: `uhfreader${info.variant}`, frame };
    },
  },
  {
    protocols: ["swct"],
    request: buildSwct("command", broadcast, swctCommands.systemInfo),
    createFramer: createSwctFramer,
    protocolOf: (frame) => {
      const message = readSwct(frame);
      const isAnswer = message.is === "response" && message.command === swctCommands.systemInfo;
      return isAnswer ? { protocol: "swct", frame } : undefined;
    },
  },
];

async function mercuryRegion(talk: Talk, timeoutMs: number): Promise<Region | undefined> {
  const code = await talk.try(
    buildMercury(mercuryOpcodes.getRegion),
    (frame) => {
      const message = parseMercury(frame);
      return message.opcode === mercuryOpcodes.getRegion ? (message.data[0] ?? 0) : undefined;
    },
    timeoutMs,
  );
  for (const [region, codes] of Object.entries(mercuryRegions))
    if (code !== undefined && codes.includes(code)) return regionNamed(region);
  return undefined;
}

function regionNamed(name: string): Region | undefined {
  return regions.find((region) => region === name);
}
