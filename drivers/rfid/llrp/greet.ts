import type { Connection } from "../../connect.ts";
import type { DriverContext } from "../../contract.ts";
import { RackwatchError } from "../../errors.ts";
import { FramedWire } from "../../framing/framed-wire.ts";
import { Conversation } from "./conversation.ts";
import { readNotification } from "./event.ts";
import { createMessageFramer } from "./frame.ts";
import type { Message } from "./message.ts";

/** Readers greet at once. */
const greetingMs = 3_000;

/** How long a reader may take to let us go. */
const farewellMs = 700;

/** A message that is not whole after this much silence never will be. */
const idleMs = 2_000;

/** Waits for the greeting of a reader and leaves again: what it said, undefined when nobody greets. Sets nothing. */
export async function askLlrp(
  connection: Connection,
  { clock, log }: DriverContext,
  signal: AbortSignal,
): Promise<string | undefined> {
  await using wire = new FramedWire(connection, createMessageFramer(), clock, { idleMs });
  const talk = new Conversation(wire, clock, log, connection.address);
  try {
    const greeting = await talk.until((it) => attemptOf(it) !== undefined, greetingMs, signal);
    const status = greeting === undefined ? undefined : attemptOf(greeting);
    if (status === undefined) return undefined;
    if (status !== "") return `greets and refuses: ${status}`;
    await talk.send("CLOSE_CONNECTION");
    const left = (it: Message) => it.name === "CLOSE_CONNECTION_RESPONSE";
    await talk.until(left, farewellMs, signal);
    return "greets and lets us in";
  } catch (error) {
    // Whatever else listens there may hang up on us.
    if (error instanceof RackwatchError && !signal.aborted) return undefined;
    throw error;
  }
}

/** Why the reader does not let us in, empty when it does; undefined when this is no greeting. */
function attemptOf({ name, parameters }: Message): string | undefined {
  if (name !== "READER_EVENT_NOTIFICATION") return undefined;
  const notification = readNotification(parameters);
  if (typeof notification === "string") return undefined;
  for (const event of notification.events)
    if (event.event === "ConnectionAttemptEvent") return event.code === 0 ? "" : event.status;
  return undefined;
}
