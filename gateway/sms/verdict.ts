import type { ModemError } from "./answer.ts";

/** A sentence of `config/language/sms.ts`. */
export type Refusal =
  | "badNumber"
  | "barred"
  | "rejected"
  | "notSubscribed"
  | "phoneOff"
  | "congested"
  | "noNetwork"
  | "noCenter"
  | "noSim"
  | "simPin"
  | "simFailed"
  | "modemFailed"
  | "memoryFull"
  | "unknown";

export interface Verdict {
  readonly refusal: Refusal;
  /** Nothing but another configuration helps: this number cannot be reached by SMS. */
  readonly isFinal: boolean;
  /** The modem or its SIM is at fault, not the number: it is looked at before anything else is sent. */
  readonly isModem: boolean;
}

/** 3GPP TS 27.005 3.2.5: below 128 the causes of TS 24.011, from 300 on the modem's own. */
const networkCauses: ReadonlyMap<number, Refusal> = new Map([
  [1, "badNumber"],
  [8, "barred"],
  [10, "barred"],
  [21, "rejected"],
  [27, "phoneOff"],
  [28, "badNumber"],
  [29, "rejected"],
  [30, "badNumber"],
  [38, "noNetwork"],
  [41, "congested"],
  [42, "congested"],
  [47, "congested"],
  [50, "notSubscribed"],
  [69, "notSubscribed"],
]);

const modemCauses: ReadonlyMap<number, Refusal> = new Map([
  [300, "modemFailed"],
  [310, "noSim"],
  [311, "simPin"],
  [312, "simPin"],
  [313, "simFailed"],
  [314, "simFailed"],
  [315, "simFailed"],
  [316, "simPin"],
  [317, "simPin"],
  [318, "simPin"],
  [320, "modemFailed"],
  [322, "memoryFull"],
  [330, "noCenter"],
  [331, "noNetwork"],
  [332, "noNetwork"],
]);

/** `+CME ERROR` (TS 27.007 9.2), which some modems give in place of the other. */
const equipmentCauses: ReadonlyMap<number, Refusal> = new Map([
  [10, "noSim"],
  [11, "simPin"],
  [12, "simPin"],
  [13, "simFailed"],
  [14, "simFailed"],
  [15, "simFailed"],
  [20, "memoryFull"],
  [30, "noNetwork"],
  [31, "noNetwork"],
  [32, "noNetwork"],
]);

const modemRefusals: ReadonlySet<Refusal> = new Set([
  "noNetwork",
  "noSim",
  "simPin",
  "simFailed",
  "modemFailed",
]);

/** What a refusal means. Of all that is not known to be final another try is made. */
export function verdictOf({ kind, number = -1 }: ModemError): Verdict {
  const causes = kind === "cme" ? [equipmentCauses] : [networkCauses, modemCauses];
  const refusal = causes.map((known) => known.get(number)).find((it) => it !== undefined);
  return {
    refusal: refusal ?? "unknown",
    isFinal: refusal === "badNumber",
    isModem: refusal !== undefined && modemRefusals.has(refusal),
  };
}

/** As a technician looks it up: `+CMS ERROR 38`. */
export function codeOf({ kind, number }: ModemError): string {
  if (kind === "plain") return "ERROR";
  return `+${kind.toUpperCase()} ERROR${number === undefined ? "" : ` ${number}`}`;
}
