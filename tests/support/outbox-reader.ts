import { RackwatchError } from "../../drivers/errors.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";

/** Run as a process of another user: prints what the agent would learn of the gateway's store in a folder. */
try {
  using outbox = openOutbox(process.argv[2] ?? "");
  console.log(JSON.stringify({ epoch: outbox.epoch, head: outbox.head("events") }));
} catch (error) {
  if (!(error instanceof RackwatchError)) throw error;
  const { code, message, where, todo } = error;
  console.log(JSON.stringify({ code, message, where, todo }));
}
