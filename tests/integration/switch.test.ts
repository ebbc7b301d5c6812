import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import type { AlarmView, NoticeView, OutputView, PointView } from "../../gateway/panel/api.ts";
import { readSamples } from "../../gateway/store/chunk.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";
import { eventually } from "../support/spine.ts";
import { storedEvents } from "../support/store-events.ts";
import { SwitchSite } from "../support/switch-site.ts";

const patience = { timeout: 60_000, interval: 20 };

const second = { second: { point: "meter/t", above: 30, outputs: ["meter/second"] } };
const far = { far: { point: "meter/t", above: 30, outputs: ["far/lamp"] } };

test("over twenty switches a line that stays is never reconnected, each reading is on record once, and its lamp stays lit", async () => {
  await using site = await SwitchSite.open({ rules: { ...second, ...far }, hasExtra: true });
  const { lamps, extraLamps, rig } = site;
  site.temperature = 45;
  await expect
    .poll(() => [lamps.get(0), lamps.get(1), extraLamps.get(0)], patience)
    .toEqual([true, true, true]);
  const raised = await rig.get<AlarmView[]>("/api/alarms");
  for (let round = 1; round <= 20; round += 1) {
    const isWhole = round % 2 === 0;
    const read = site.register.count;
    await expect.poll(() => site.register.count, patience).toBeGreaterThan(read + 2);
    site.change({ rules: isWhole ? { ...second, ...far } : {}, hasExtra: isWhole });
    await expect.poll(() => site.lines("configuration switched"), patience).toBe(round);
    await expect
      .poll(() => [lamps.get(0), lamps.get(1), extraLamps.get(0)], patience)
      .toEqual([true, isWhole, isWhole]);
  }
  expect(site.meter.connections()).toBe(1);
  expect(site.extra.connections()).toBe(11);
  const steady = lamps.written.get(0) ?? [];
  expect(steady.slice(steady.indexOf(true))).not.toContain(false);
  const present = await rig.get<AlarmView[]>("/api/alarms");
  const warm = (alarms: readonly AlarmView[]) => alarms.find(({ rule }) => rule === "warm");
  expect(warm(present)).toEqual(warm(raised));
  await site.running.kill("SIGTERM");
  using outbox = openOutbox(rig.dataDir);
  const counts = outbox
    .read("samples", 0, 100_000)
    .flatMap(readSamples)
    .flatMap((sample) => (sample.point === "meter/n" && "value" in sample ? [sample.value] : []));
  expect(counts.length).toBeGreaterThan(60);
  expect(counts).toEqual(counts.map((_, index) => Number(counts[0]) + index));
  const ended = storedEvents(rig.dataDir).filter(
    ({ kind, body }) => kind === "alarm" && body["rule"] === "second",
  );
  expect(ended.filter(({ body }) => body["cause"] === "rule-removed")).toHaveLength(10);
});

test("what is wrong with the file is said and nothing changes; mended, it is used", async () => {
  await using site = await SwitchSite.open({});
  const { rig } = site;
  await expect.poll(() => site.meter.connections(), patience).toBe(1);
  site.changeText("version: 1\nrules: [");
  await expect.poll(() => site.lines("configuration refused"), patience).toBe(1);
  const notices = await rig.get<NoticeView[]>("/api/notices");
  expect(notices.map(({ code }) => code)).toContain("config/invalid");
  site.change({ more: { gateway: { id: "somebody-else" } } });
  await expect.poll(() => site.lines("configuration refused"), patience).toBe(2);
  site.change({ rules: second });
  await expect.poll(() => site.lines("configuration switched"), patience).toBe(1);
  await eventually(
    () => rig.get<NoticeView[]>("/api/notices"),
    (now) => now.every(({ part }) => part !== "config"),
  );
  site.temperature = 45;
  await expect.poll(() => site.lamps.get(1), patience).toBe(true);
  expect(site.meter.connections()).toBe(1);
});

test("broker and panel stay open; what is gone is retained no more, and a part that is gone has no alarm", async () => {
  await using site = await SwitchSite.open({ rules: second, hasExtra: true });
  const { rig } = site;
  site.temperature = 45;
  await using stack = new AsyncDisposableStack();
  const client = await connectAsync(`mqtt://127.0.0.1:${rig.brokerPort}`);
  stack.defer(() => client.endAsync());
  let closed = 0;
  client.on("close", () => (closed += 1));
  const topics = new Map<string, string>();
  client.on("message", (topic, payload) => topics.set(topic, payload.toString()));
  await client.subscribeAsync("rackwatch/#");
  const at = (topic: string) => topics.get(`rackwatch/switched/${topic}`);
  await expect
    .poll(
      () => [at("points/far/n"), at("alarms/second")].every((it) => (it ?? "") !== ""),
      patience,
    )
    .toBe(true);
  await site.extra.stop();
  await eventually(
    () => rig.get<NoticeView[]>("/api/notices"),
    (now) => now.some(({ part }) => part === "channel-extra"),
  );
  const events = await fetch(`${rig.panel}/api/events`, { signal: AbortSignal.timeout(60_000) });
  const shown = readText(events);
  site.change({});
  await expect.poll(() => [at("points/far/n"), at("alarms/second")], patience).toEqual(["", ""]);
  const notices = await rig.get<NoticeView[]>("/api/notices");
  expect(notices.map(({ part }) => part)).not.toContain("channel-extra");
  const points = await rig.get<PointView[]>("/api/points");
  expect(points.map(({ key }) => key)).toEqual(["meter/n", "meter/t"]);
  const outputs = await rig.get<OutputView[]>("/api/outputs");
  expect(outputs.map(({ key }) => key)).toEqual(["meter/steady"]);
  await expect.poll(() => shown.text.match(/event: snapshot/g)?.length, patience).toBe(2);
  expect(closed).toBe(0);
  expect(site.lines("mqtt broker listens")).toBe(1);
  expect(site.lines("panel listens")).toBe(1);
});

test("a channel with other settings is opened anew, and a broker with another address is told how things stand", async () => {
  await using site = await SwitchSite.open({});
  const { rig, lamps } = site;
  site.temperature = 45;
  await expect.poll(() => lamps.get(0), patience).toBe(true);
  site.change({
    readEvery: "150ms",
    more: { broker: { listen: "127.0.0.1:{broker}", maxClients: 7 } },
  });
  await expect.poll(() => site.meter.connections(), patience).toBe(2);
  await expect.poll(() => site.lines("mqtt broker listens"), patience).toBe(2);
  const client = await connectAsync(`mqtt://127.0.0.1:${rig.brokerPort}`);
  const heard = new Set<string>();
  client.on("message", (topic) => heard.add(topic));
  await client.subscribeAsync("rackwatch/#");
  await expect.poll(() => heard.has("rackwatch/switched/alarms/warm"), patience).toBe(true);
  await client.endAsync();
  const steady = lamps.written.get(0) ?? [];
  expect(steady.slice(steady.indexOf(true))).not.toContain(false);
});

function readText(answer: Response): { readonly text: string } {
  const read = { text: "" };
  void (async () => {
    for await (const chunk of answer.body ?? []) read.text += new TextDecoder().decode(chunk);
  })().catch(() => undefined);
  return read;
}
