import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { relayKafka } from "./kafka-relay.ts";

/**
 * The cluster that librdkafka carries for its own tests: brokers on real sockets that speak Kafka's protocol, written by
 * others than our client. It keeps nothing beyond its process; a relay makes good where it is not like Kafka.
 */
export interface KafkaCluster extends AsyncDisposable {
  /** `host:port` */
  readonly address: string;
  /** What a topic has, read by kcat: key, partition and value in base64 of each. */
  read(
    topic: string,
  ): readonly { readonly key: string; readonly partition: number; readonly value: Buffer }[];
  kill(): Promise<void>;
}

/** Session of a reader: the cluster lets members of a new group wait 3 s, and others as long as a session is. */
export const silentMs = 4_000;

export function hasKcat(): boolean {
  return spawnSync("kcat", ["-V"]).status === 0;
}

/** For a `beforeEach`: skips where kcat is missing; in CI that is a failure instead. */
export function needKcat(skip: (reason: string) => void): void {
  if (hasKcat()) return;
  const message = "kcat is missing: run .ci/run";
  if (process.env["CI"] === "true") throw new Error(message);
  skip(message);
}

export async function startKafka(): Promise<KafkaCluster> {
  const child = spawn(
    "kcat",
    ["-C", "-t", "stay", "-b", "none", "-X", "test.mock.num.brokers=1", "-q"],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const address = await addressOf(child);
  const relay = await relayKafka(address);
  const kill = async () => {
    relay.close();
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  };
  const byKcat = (topic: string) => read(address, topic);
  return { address: relay.address, kill, read: byKcat, [Symbol.asyncDispose]: kill };
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error("no stderr");
  for await (const line of createInterface({ input: child.stderr })) {
    const found = /replaced with (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error("kcat ended without a cluster");
}

function read(address: string, topic: string) {
  const args = ["-C", "-b", address, "-t", topic, "-o", "beginning", "-e", "-q"];
  // %R: length as 32 bits, so that values may hold any byte.
  const { stdout, status, stderr } = spawnSync("kcat", [...args, "-f", "%k\n%p\n%R%s"], {
    maxBuffer: 64 * 1_024 * 1_024,
  });
  if (status !== 0) throw new Error(stderr.toString());
  const found: { key: string; partition: number; value: Buffer }[] = [];
  for (let at = 0; at < stdout.length; ) {
    const keyEnd = stdout.indexOf("\n", at);
    const partitionEnd = stdout.indexOf("\n", keyEnd + 1);
    const length = stdout.readInt32BE(partitionEnd + 1);
    const from = partitionEnd + 5;
    found.push({
      key: stdout.toString("utf8", at, keyEnd),
      partition: Number(stdout.toString("utf8", keyEnd + 1, partitionEnd)),
      value: stdout.subarray(from, from + length),
    });
    at = from + length;
  }
  return found;
}
