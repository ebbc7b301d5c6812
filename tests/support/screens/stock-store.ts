import type { AlarmView, PointView, Snapshot } from "../../../gateway/panel/api.ts";
import type { ItemOutlook, MovementView, StockView } from "../../../gateway/panel/stock-api.ts";
import { flagsIn } from "../alarms.ts";
import { coldStore } from "./cold-store.ts";

/** A store room with racks as its gateway would tell of it. Times are relative to `now`. */

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

type Language = "en" | "zh";

/** Quiet, moving, old and dead: something of each scale. */
export function rackHouse(now: number, language: Language = "en"): Snapshot {
  const calm = coldStore(now, language);
  const name = (english: string, chinese: string) => (language === "zh" ? chinese : english);
  const shelf = (id: string, called: string) => ({
    id,
    kind: "shelf" as const,
    name: called,
    within: "rack-1",
    points: [],
    weight: `${id}/weight`,
  });
  return {
    ...calm,
    gateway: {
      ...calm.gateway,
      locations: [
        { id: "cold-2", kind: "room", name: name("Cold room 2", "二号冷库"), points: [] },
        {
          id: "rack-1",
          kind: "rack",
          name: name("Rack 1", "一号货架"),
          within: "cold-2",
          points: [],
        },
        shelf("shelf-a1", name("Shelf A1", "A1 层")),
        shelf("shelf-a2", name("Shelf A2", "A2 层")),
        shelf("shelf-a3", name("Shelf A3", "A3 层")),
        shelf("shelf-a4", name("Shelf A4", "A4 层")),
        { id: "cabinet", kind: "rack", name: name("Cabinet", "药柜"), points: [] },
      ],
    },
    points: [
      ...calm.points,
      weight(now, "shelf-a1", {}),
      weight(now, "shelf-a2", { quality: "uncertain", reason: "unstable" }),
      weight(now, "shelf-a3", { sampledAt: now - 12 * minute, stale: true }),
      weight(now, "shelf-a4", { quality: "bad", reason: "timeout" }),
    ],
    alarms: stockAlarms(now, language),
  };
}

function weight(now: number, shelf: string, more: Partial<PointView>): PointView {
  return {
    key: `${shelf}/weight`,
    kind: "number",
    unit: "kg",
    value: 12.4,
    quality: "good",
    sampledAt: now - 2_000,
    stale: false,
    staleAfterMs: minute,
    ...more,
  };
}

function stockAlarms(now: number, language: Language): AlarmView[] {
  const zh = language === "zh";
  return [
    {
      id: "stock:below-minimum:shelf-a1:06901234567892#1",
      rule: "stock:below-minimum:shelf-a1:06901234567892",
      ...flagsIn("unacknowledged"),
      state: "unacknowledged",
      priority: "high",
      message: zh ? "胰岛素注射液低于下限" : "Insulin below minimum",
      location: "shelf-a1",
      item: "06901234567892",
      figures: { available: 17, min: 20, unit: "pcs" },
      raisedAt: now - 42 * minute,
      since: now - 42 * minute,
    },
    {
      id: "stock:stock-out-ahead:shelf-a1:06901234567892#1",
      rule: "stock:stock-out-ahead:shelf-a1:06901234567892",
      ...flagsIn("acknowledged"),
      state: "acknowledged",
      priority: "medium",
      message: zh ? "胰岛素注射液即将缺货" : "Insulin will run out",
      location: "shelf-a1",
      item: "06901234567892",
      figures: { stockOutDate: dayName(now + 4 * day), stockOutProbability: 0.93, unit: "pcs" },
      raisedAt: now - 5 * hour,
      since: now - 5 * hour,
      acknowledgedBy: "li.lei",
    },
  ];
}

/** A line where all is well; what is given is different. */
export function stockLine(now: number, given: Partial<StockView> & Pick<StockView, "item">) {
  const { quantity = 60 } = given;
  const view: StockView = {
    location: "shelf-a1",
    unit: "pcs",
    quantity,
    available: quantity,
    interval: [quantity, quantity],
    onOrder: 0,
    reserved: 0,
    position: given.available ?? quantity,
    min: 20,
    max: 120,
    state: "ok",
    warnings: [],
    lots: [],
    movedAt: now - 3 * hour,
    ...given,
  };
  return view;
}

export const insulin = "06901234567892";

/** Something of everything that a shelf can say. */
export function stockLines(now: number, language: Language = "en"): readonly StockView[] {
  const name = (english: string, chinese: string) => (language === "zh" ? chinese : english);
  const line = (given: Parameters<typeof stockLine>[1]) => stockLine(now, given);
  return [
    line({
      item: insulin,
      name: name(
        "Insulin glargine 100 IU/mL, prefilled pen 3 mL",
        "甘精胰岛素注射液 3 mL 预填充笔",
      ),
      quantity: 29,
      available: 17,
      interval: [28, 30],
      onOrder: 40,
      reserved: 5,
      position: 52,
      reorderPoint: 45,
      reorderPointBy: "forecast",
      coverDays: 4.1,
      stockOutAt: now + 4.1 * day,
      stockOutProbability: 0.93,
      state: "below-minimum",
      warnings: ["below-minimum", "stock-out-ahead", "near-expiry"],
      lots: insulinLots(now),
      movedAt: now - 25 * minute,
    }),
    line({
      item: "vaccine-hb",
      name: name("Hepatitis B vaccine", "乙肝疫苗"),
      quantity: 88,
      coverDays: 44.2,
    }),
    line({
      item: "gloves-m",
      location: "shelf-a2",
      name: name("Gloves, size M", "手套 M 号"),
      quantity: 0,
      available: 0,
      state: "out",
      warnings: ["out", "below-minimum"],
      movedAt: now - 2 * day,
    }),
    line({
      item: "bolt-m8",
      location: "shelf-a2",
      quantity: 412,
      min: 200,
      max: 400,
      state: "above-maximum",
      warnings: ["above-maximum"],
    }),
    line({
      item: "saline",
      location: "shelf-a3",
      name: name("Saline 0.9 %", "生理盐水"),
      quantity: 31,
    }),
    line({
      item: "ethanol",
      location: "shelf-a3",
      name: name("Ethanol", "乙醇"),
      unit: "kg",
      quantity: 6.35,
      interval: [6.2, 6.5],
      min: 5,
      max: 20,
      reorderPoint: 7,
      reorderPointBy: "person",
      state: "below-reorder",
      warnings: ["below-reorder"],
    }),
    line({
      item: "syringe-5",
      location: "shelf-a4",
      name: name("Syringe 5 mL", "注射器 5 mL"),
      quantity: 70,
      warnings: ["dead-stock"],
    }),
    newcomer(name("Dressing", "敷料")),
    line({
      item: "albumin",
      location: "cabinet",
      name: name("Albumin 20 %", "人血白蛋白 20 %"),
      quantity: 24,
      available: 0,
      state: "out",
      warnings: ["out", "expired"],
      lots: [
        {
          lot: "AL77",
          quantity: 24,
          expires: dayName(now - 3 * day),
          daysLeft: -3,
          state: "expired",
        },
      ],
    }),
  ];
}

/** Configured, and nobody has counted it yet. */
function newcomer(name: string): StockView {
  return {
    item: "dressing",
    name,
    location: "cabinet",
    unit: "pcs",
    quantity: 0,
    available: 0,
    interval: [0, 0],
    onOrder: 0,
    reserved: 0,
    position: 0,
    state: "unknown",
    warnings: [],
    lots: [],
  };
}

function insulinLots(now: number): StockView["lots"] {
  return [
    { lot: "B2310", quantity: 11, expires: dayName(now + 200 * day), daysLeft: 200, state: "good" },
    {
      lot: "A2301",
      quantity: 6,
      expires: dayName(now + 12 * day),
      daysLeft: 12,
      state: "near-expiry",
    },
    {
      lot: "A2299",
      quantity: 9,
      expires: dayName(now + 120 * day),
      daysLeft: 120,
      state: "held",
      hold: { cause: "cold-2-warm#7", since: now - 20 * hour },
    },
    {
      quantity: 3,
      state: "held",
      hold: { cause: "person", since: now - 2 * day, by: "li.na" },
    },
  ];
}

function dayName(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Three months of a pen that is taken some four times a day, and what is to come. */
export function insulinOutlook(now: number, language: Language = "en"): ItemOutlook {
  const [stock] = stockLines(now, language);
  if (stock === undefined) throw new Error("the first line is insulin");
  const past = 92;
  const days: ItemOutlook["days"] = [];
  let quantity = 70;
  for (let index = 0; index < past; index += 1) {
    const demand = [4, 5, 3, 6, 4, 1, 0][index % 7] ?? 4;
    quantity -= demand;
    if (quantity < 22 && index < past - 12) quantity += 80;
    days.push({
      day: dayName(now - (past - 1 - index) * day),
      quantity: Math.max(29, quantity),
      demand,
    });
  }
  const fan = Array.from({ length: 60 }, (_, index) => {
    const left = (perDay: number) => Math.max(0, Math.round(12 - perDay * (index + 1)));
    return {
      day: dayName(now + (index + 1) * day),
      low: left(4.6),
      median: left(2.9),
      high: left(1.6),
    };
  });
  return {
    stock,
    class: "smooth",
    method: "ses+negbin",
    perDay: 2.93,
    reviewedAt: now - 7 * hour,
    basis: {
      leadTimeDays: 5,
      leadTimeSpreadDays: 1,
      reviewDays: 1,
      horizonDays: 30,
      serviceLevel: 0.98,
      model: "negbin",
      historyDays: 180,
      safetyStock: 30.42,
      reorderPointWanted: 48,
    },
    days,
    fan,
    proposal: {
      id: "shelf-a1:06901234567892:1",
      from: 45,
      to: 48,
      wanted: 48,
      why: { perDay: 2.93 },
      at: now - 7 * hour,
    },
  };
}

/** Every kind of movement again and again, the newest first. */
export function movementsOf(now: number, count: number): readonly MovementView[] {
  const kinds: readonly Partial<MovementView>[] = [
    {
      kind: "pick",
      quantity: -2,
      evidence: { by: "weight", weightBefore: 12.568, weightAfter: 12.4 },
    },
    { kind: "put", quantity: 12, lot: "B2310", evidence: { by: "tags", tags: ["3034"] } },
    {
      kind: "receipt",
      quantity: 40,
      evidence: { by: "person", person: "li.lei", document: "PO-4711" },
    },
    {
      kind: "count",
      quantity: -1,
      evidence: { by: "person", person: "li.na", expected: 30, counted: 29 },
    },
    {
      kind: "adjust",
      quantity: -1,
      reason: "damaged",
      evidence: { by: "person", person: "li.na", note: "fell off the cart" },
    },
    {
      kind: "transfer",
      quantity: -6,
      partner: "cabinet",
      evidence: { by: "import", document: "moves.csv" },
    },
    { kind: "issue", quantity: -4, since: now - 3 * hour, evidence: { by: "central" } },
  ];
  return Array.from(
    { length: count },
    (_, index): MovementView => ({
      seq: count - index,
      id: `ni:///sha-256;${count - index}?ver=CBV2.0`,
      kind: "pick",
      item: insulin,
      location: "shelf-a1",
      quantity: -1,
      unit: "pcs",
      at: now - (index + 1) * 47 * minute,
      clock: "synchronized",
      evidence: { by: "weight" },
      ...kinds[index % kinds.length],
    }),
  );
}
