import { RackwatchError } from "../errors.ts";
import type { Outcome } from "./line.ts";

/** Names of exception codes (Modbus application protocol 1.1b3, 7). */
export const exceptionNames: Readonly<Record<number, string>> = {
  1: "illegal function",
  2: "illegal data address",
  3: "illegal data value",
  4: "device failure",
  5: "acknowledge",
  6: "device busy",
  8: "memory parity error",
  10: "gateway path unavailable",
  11: "gateway target does not respond",
};

/** The code by which a device refuses an address: between two points there may be registers that do not exist. */
export const illegalDataAddress = 2;

type Failure = Exclude<Outcome, { readonly is: "answer" }>;

/** A failed exchange as the reason of bad samples: `timeout`, `crc`, `exception 2 illegal data address`, ... */
export function reasonOf(failure: Failure): string {
  switch (failure.is) {
    case "silence":
      return "timeout";
    case "damage":
      return failure.reason;
    case "exception":
      return `exception ${failure.code} ${exceptionNames[failure.code] ?? "unknown"}`;
  }
}

/** Whether the device itself was there: only then may it be asked on as if nothing were. */
export function isAlive(outcome: Outcome): boolean {
  if (outcome.is === "answer") return true;
  // A gateway says these in place of a unit that it does not reach.
  return outcome.is === "exception" && outcome.code !== 10 && outcome.code !== 11;
}

/** A failed exchange as the error of a write. */
export function writeError(failure: Failure, point: string): RackwatchError {
  const reason = reasonOf(failure);
  const code = writeCodes[failure.is];
  return new RackwatchError(code, `${point} was not written: ${reason}`, {
    where: point,
    todo: writeAdvice[failure.is],
  });
}

const writeCodes = {
  silence: "driver/timeout",
  damage: "driver/bad-frame",
  exception: "driver/refused",
} as const;

const writeAdvice = {
  silence: "Check that the device has power, and its unitId",
  damage: "Check wiring, baudRate and parity of the line",
  exception: "Check table and address of the point against the device's manual",
} as const;
