import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Crossing, Reply, Way } from "./faulty-road.ts";

/** Bytes of a reply that drips, one each time; the whole of it would take minutes. */
const dripMs = 50;

/** Accepts, reads, and never says anything. */
export const blackHole: Way = async ({ body }) => {
  await body();
};

/** A reset while the body is on its way: nothing of it arrives. */
export const resetOnUpload: Way = ({ request, socket }) => {
  request.once("data", () => socket.resetAndDestroy());
};

/** Central has committed; of its reply nothing comes. */
export const resetAfterCommit: Way = async ({ forward, socket }) => {
  await forward();
  socket.resetAndDestroy();
};

/** Central has committed; its reply comes a byte at a time. */
export const drippingReply: Way = async ({ forward, response, socket }) => {
  const { status, headers, body } = await forward();
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  for (const byte of body) {
    if (socket.destroyed) return;
    response.write(Buffer.of(byte));
    await sleep(dripMs);
  }
};

/** Central has committed; the connection ends in the middle of its reply. */
export const shortReply: Way = async ({ forward, response, socket }) => {
  const { status, headers, body } = await forward();
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  response.write(body.subarray(0, body.length >> 1), () => socket.end());
};

/** The request comes to central twice at the same time. */
export const duplicated: Way = async ({ forward, answer }) => {
  const [first] = await Promise.all([forward(), forward()]);
  answer(first);
};

/** A proxy that keeps requests and hands each on only after the next one was answered, long after its sender gave up. */
export function deliveredLate(): Way {
  let kept: Crossing["forward"] | undefined;
  return async ({ kind, forward, body, answer, socket }) => {
    if (kind === "batches" && kept === undefined) {
      await body();
      kept = forward;
      await sleep(200);
      socket.destroy();
      return;
    }
    const reply = await forward();
    const late = kept;
    kept = undefined;
    await late?.();
    answer(reply);
  };
}

/** A proxy that takes a whole body at once, then lets its sender wait before central hears of it. */
export const buffered: Way = async ({ body, forward, answer }) => {
  await body();
  await sleep(300);
  const reply = await forward();
  await sleep(300);
  answer(reply);
};

/** Each batch is answered with what the one before it was answered. */
export function swappedReplies(): Way {
  let before: Reply | undefined;
  return async ({ kind, forward, answer }) => {
    const reply = await forward();
    const other = before;
    if (kind === "batches") before = reply;
    answer(kind === "batches" ? (other ?? reply) : reply);
  };
}

/** A bit of the body is another one when it arrives. */
export const damaged: Way = async ({ kind, body, forward, answer }) => {
  const whole = Buffer.from(await body());
  const at = whole.length >> 1;
  if (kind === "batches") whole[at] = (whole[at] ?? 0) ^ 4;
  answer(await forward(whole));
};

/** Says what is given here and asks nobody. */
export function says(
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Way {
  return async (crossing) => {
    await crossing.body();
    crossing.answer({ status, headers, body: Buffer.from(body) });
  };
}

/** The same with a date in `Retry-After` that is so far away at that time. */
export function saysRetryAt(status: number, afterMs: number): Way {
  return (crossing) => {
    const at = new Date(Date.now() + afterMs).toUTCString();
    return says(status, "", { "retry-after": at })(crossing);
  };
}

/** The page of a captive portal, under the status of a success. */
export const captivePortal = says(
  200,
  "<!doctype html><title>Welcome</title><form>Please log in to the guest network</form>",
  { "content-type": "text/html" },
);

/** Central's own answers, but to another gateway: each names another epoch. */
export const foreignReply: Way = async ({ forward, answer }) => {
  const reply = await forward();
  const text = reply.body.toString().replace(/"epoch":"[^"]*"/, `"epoch":"of-another-gateway"`);
  answer({ ...reply, body: Buffer.from(text) });
};

/** Not HTTP: what answers is another server. */
export const otherProtocol: Way = ({ socket }) => {
  socket.end("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
};

/** An answer that never ends. */
export const endlessReply: Way = async ({ body, response, socket }) => {
  await body();
  response.writeHead(200, { "content-type": "application/json" });
  const some = randomBytes(65_536).toString("base64");
  while (!socket.destroyed) {
    if (!response.write(some)) await sleep(1);
  }
};

const bomb = gzipSync(Buffer.alloc(256 * 1_024 * 1_024, " "), { level: 9 });

/** A quarter of a gigabyte in a small answer. */
export const bombReply: Way = says(200, bomb, {
  "content-type": "application/json",
  "content-encoding": "gzip",
});
