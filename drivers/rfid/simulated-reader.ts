import type { Framer } from "../framing/framer.ts";
import type { SimulatedDevice } from "../simulation/listen.ts";
import { createEm4100Framer, writeEm4100 } from "./lf/em4100.ts";
import { createFdxBFramer, writeFdxB } from "./lf/fdx-b.ts";
import { ListeningSide } from "./lf/simulated.ts";
import { createR200Framer } from "./r200/frame.ts";
import { R200Side } from "./r200/simulated.ts";
import {
  type ReaderSide,
  type ReaderState,
  readerState,
  simulatedDevice,
} from "./simulated-side.ts";
import { createSwctFramer } from "./swct/frame.ts";
import { SwctSide } from "./swct/simulated.ts";
import type { TagField } from "./tag-field.ts";
import { createMercuryFramer } from "./thingmagic/frame.ts";
import { MercurySide } from "./thingmagic/simulated.ts";
import { createUhfReaderFramer } from "./uhfreader/frame.ts";
import { UhfReaderSide } from "./uhfreader/simulated.ts";

/** A reader for `listen`. Its state and its field may be changed while it runs. */
export interface SimulatedReader extends SimulatedDevice {
  readonly field: TagField;
  readonly state: ReaderState;
  /** Restarts: it forgets its inventory and keeps its settings. */
  reboot(): void;
}

type Send = (bytes: Uint8Array) => void;

interface Kind {
  readonly createFramer: () => Framer;
  readonly createSide: (state: ReaderState, field: TagField, send: Send) => ReaderSide;
}

const kinds: Readonly<Record<string, Kind>> = {
  r200: {
    createFramer: createR200Framer,
    createSide: (state, field, send) => new R200Side(state, field, send),
  },
  thingmagic: {
    createFramer: () => createMercuryFramer("command"),
    createSide: (state, field, send) => new MercurySide(state, field, send),
  },
  uhfreader18: {
    createFramer: createUhfReaderFramer,
    createSide: (state, field, send) => new UhfReaderSide(18, state, field, send),
  },
  uhfreader288: {
    createFramer: createUhfReaderFramer,
    createSide: (state, field, send) => new UhfReaderSide(288, state, field, send),
  },
  swct: {
    createFramer: createSwctFramer,
    createSide: (state, field, send) => new SwctSide(state, field, send),
  },
  rdm6300: {
    createFramer: createEm4100Framer,
    createSide: (_state, field, send) => new ListeningSide(field, send, writeEm4100),
  },
  wl134: {
    createFramer: createFdxBFramer,
    createSide: (_state, field, send) => new ListeningSide(field, send, writeFdxB),
  },
};

/** By the name of the language, not an alias; undefined where there is none. */
export function simulatedReader(
  protocolName: string,
  field: TagField,
): SimulatedReader | undefined {
  const kind = kinds[protocolName];
  if (kind === undefined) return undefined;
  const state = readerState();
  const device = simulatedDevice(kind.createFramer, (send) => kind.createSide(state, field, send));
  return {
    ...device,
    field,
    state,
    reboot: () => {
      state.reboots += 1;
    },
  };
}
