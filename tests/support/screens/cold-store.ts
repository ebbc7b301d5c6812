import type { AlarmView, PointView, SampleView, Snapshot } from "../../../gateway/panel/api.ts";
import { flagsIn } from "../alarms.ts";

/** A cold store as its gateway would tell of it. Times are relative to `now`. */

const second = 1_000;
const minute = 60 * second;

function point(
  now: number,
  key: string,
  fields: Partial<PointView> & { readonly ageMs?: number },
): PointView {
  const { ageMs = 2 * second, ...rest } = fields;
  return {
    key,
    kind: "number",
    quality: "good",
    sampledAt: now - ageMs,
    stale: false,
    staleAfterMs: 60 * second,
    ...rest,
  };
}

export function coldStore(now: number, language: "en" | "zh" = "en"): Snapshot {
  const zh = language === "zh";
  const name = (english: string, chinese: string) => (zh ? chinese : english);
  const cel = { unit: "Cel" };
  const percent = { unit: "%" };
  const temperature = name("Temperature", "温度");
  const humidity = name("Humidity", "湿度");
  return {
    gateway: {
      id: "wh1-cold",
      name: name("Warehouse 1, cold rooms", "一号仓库冷库"),
      language,
      timezone: "Asia/Shanghai",
      startedAt: now - 3 * 24 * 60 * minute,
      now,
      clock: "synchronized",
      locations: [
        {
          id: "cold-1",
          kind: "room",
          name: name("Cold room 1 (vaccines)", "一号冷库（疫苗）"),
          points: ["cold-1/temperature", "cold-1/humidity", "door/open"],
        },
        {
          id: "cold-2",
          kind: "room",
          name: name("Cold room 2 (insulin)", "二号冷库（胰岛素）"),
          points: ["cold-2/temperature", "cold-2/humidity", "compressor/state"],
        },
        {
          id: "shelf-a1",
          kind: "shelf",
          name: name("Shelf A1", "A1 货架"),
          within: "cold-2",
          points: ["shelf-a1/weight", "shelf-a1/net"],
        },
      ],
    },
    points: [
      point(now, "cold-1/temperature", { ...cel, name: temperature, value: 4.3 }),
      point(now, "cold-1/humidity", { ...percent, name: humidity, value: 61.2 }),
      point(now, "door/open", { name: name("Door", "库门"), kind: "boolean", value: false }),
      point(now, "cold-2/temperature", { ...cel, name: temperature, value: 5.1 }),
      point(now, "cold-2/humidity", { ...percent, name: humidity, value: 58.4, ageMs: 6 * second }),
      point(now, "compressor/state", {
        name: name("Compressor", "压缩机"),
        kind: "text",
        value: name("running", "运行"),
      }),
      point(now, "shelf-a1/weight", { unit: "kg", name: name("Weight", "重量"), value: 42.18 }),
      point(now, "shelf-a1/net", { unit: "kg", name: name("Net", "净重"), value: 40.93 }),
    ],
    alarms: [],
    outputs: [
      output("stack/red", name("Red lamp", "红灯")),
      output("stack/amber", name("Amber lamp", "黄灯")),
      output("stack/buzzer", name("Buzzer", "蜂鸣器")),
    ],
    sync: {
      configured: true,
      epoch: "01J",
      lastContactAt: now - 4 * second,
      lanes: {
        events: { head: 212, cursor: 212, backlog: 0 },
        samples: { head: 48_210, cursor: 48_198, backlog: 12, oldestAt: now - 8 * second },
      },
    },
    notices: [],
  };
}

function output(key: string, name: string) {
  return { key, name, value: false, alarms: [], silenced: false, testing: false };
}

export function warmRoom(now: number, fields: Partial<AlarmView> = {}): AlarmView {
  return {
    id: "cold-2-warm#7",
    rule: "cold-2-warm",
    ...flagsIn(fields.state ?? "unacknowledged"),
    priority: "critical",
    message: "Cold room 2 is too warm",
    advise: "Close the door, check the compressor, tell quality assurance",
    location: "cold-2",
    point: "cold-2/temperature",
    value: 8.4,
    limit: { is: "above", value: 8 },
    raisedAt: now - 7 * minute,
    since: now - 7 * minute,
    ...fields,
  };
}

/** Something of everything that can be wrong. */
export function troubledStore(now: number, language: "en" | "zh" = "en"): Snapshot {
  const calm = coldStore(now, language);
  const zh = language === "zh";
  const replace = new Map<string, Partial<PointView>>([
    ["cold-2/temperature", { value: 9.6 }],
    ["cold-1/humidity", { quality: "uncertain", reason: zh ? "变化过快" : "rose too fast" }],
    ["shelf-a1/weight", { sampledAt: now - 134 * second, stale: true }],
  ]);
  const points = calm.points.map((it): PointView => {
    if (it.key !== "shelf-a1/net") return { ...it, ...replace.get(it.key) };
    const { value: _, ...rest } = it;
    return { ...rest, quality: "bad", reason: zh ? "秤无应答" : "the scale does not answer" };
  });
  const warm = warmRoom(
    now,
    zh ? { message: "二号冷库温度过高", advise: "关门，检查压缩机，通知质管" } : {},
  );
  return {
    ...calm,
    points,
    alarms: [
      warmRoom(now, {
        id: "humid#3",
        rule: "humid",
        state: "acknowledged",
        priority: "medium",
        message: zh ? "一号冷库湿度过高" : "Cold room 1 is humid",
        location: "cold-1",
        point: "cold-1/humidity",
        value: 76.2,
        limit: { is: "above", value: 75, inclusive: true },
        advise: zh ? "检查除湿机" : "Check the dehumidifier",
        raisedAt: now - 95 * minute,
        acknowledgedBy: zh ? "李雷" : "li.lei",
        comment: zh ? "已通知维修" : "maintenance is on its way",
      }),
      warmRoom(now, {
        id: "door#12",
        rule: "door",
        state: "returned-unacknowledged",
        priority: "low",
        message: zh ? "库门开启超过 5 分钟" : "Door open for more than 5 minutes",
        location: "cold-1",
        point: "door/open",
        value: true,
        limit: { is: "equal", value: true },
        raisedAt: now - 42 * minute,
      }),
      warm,
    ],
    outputs: calm.outputs.map((it) =>
      it.key === "stack/amber" ? it : { ...it, value: true, alarms: [warm.id] },
    ),
    sync: {
      ...calm.sync,
      lastContactAt: now - 47 * minute,
      lanes: {
        events: { head: 215, cursor: 212, backlog: 3, oldestAt: now - 42 * minute },
        samples: { head: 52_981, cursor: 48_198, backlog: 4_783, oldestAt: now - 47 * minute },
      },
    },
    notices: [
      {
        part: "channel-rack-a",
        code: "driver/connection-lost",
        message: zh ? "通道 rack-a 未连接" : "Channel rack-a is not connected",
        where: "tcp://10.0.0.21:4001",
        todo: zh ? "检查秤的电源和网线" : "Check power and network cable of the scale",
        since: now - 2 * minute,
      },
    ],
  };
}

/** A day of a cold room: a slow swing, an hour without answers, a door that stood open. */
export function dayOfSamples(now: number): SampleView[] {
  const everyMs = 2 * minute;
  return Array.from({ length: 720 }, (_, i) => {
    const sampledAt = now - (720 - i) * everyMs;
    if (i > 300 && i < 330) return { sampledAt, quality: "bad", reason: "timeout" };
    const swing = Math.sin(i / 11) * 0.6 + Math.sin(i / 97) * 0.4;
    const door = i > 520 && i < 560 ? (1 - Math.abs(i - 540) / 20) * 3.2 : 0;
    return { sampledAt, quality: "good", value: Math.round((4.8 + swing + door) * 10) / 10 };
  });
}
