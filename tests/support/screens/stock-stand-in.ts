import type { SessionView, Snapshot } from "../../../gateway/panel/api.ts";
import type { ItemOutlook, MovementView, StockView } from "../../../gateway/panel/stock-api.ts";
import { type PanelStandIn, servePanel } from "./panel-stand-in.ts";
import type { Asked, Reply } from "./server.ts";

interface StockStandInOptions {
  readonly dir: string;
  readonly snapshot: Snapshot;
  readonly lines: readonly StockView[];
  readonly outlook?: ItemOutlook;
  readonly movements?: readonly MovementView[];
  readonly session?: SessionView;
}

export interface StockStandIn extends PanelStandIn {
  /** A line is different from now on, and open pages hear of it. */
  move(line: StockView): void;
}

/** Answers of stock as the gateway gives them: filters, pages, one item, its movements. */
export async function serveStock(options: StockStandInOptions): Promise<StockStandIn> {
  let { lines, outlook } = options;
  const { movements = [], snapshot } = options;
  const around = new Map(snapshot.gateway.locations.map(({ id, within }) => [id, within]));
  const isWithin = (location: string, outer: string): boolean => {
    for (let at: string | undefined = location; at !== undefined; at = around.get(at)) {
      if (at === outer) return true;
    }
    return false;
  };
  const stock = ({ query }: Asked): Reply => {
    const search = (query.get("search") ?? "").toLowerCase();
    const state = query.get("state");
    const within = query.get("within");
    const fits = lines.filter(
      (line) =>
        (state === null || line.state === state) &&
        (within === null || isWithin(line.location, within)) &&
        (query.get("show") !== "warned" || line.warnings.length > 0) &&
        `${line.item} ${line.name ?? ""}`.toLowerCase().includes(search),
    );
    const after = fits.findIndex((line) => keyOf(line) === query.get("after"));
    const limit = Number(query.get("limit"));
    const page = fits.slice(after + 1, after + 1 + limit);
    const last = page.at(-1);
    const isMore = after + 1 + limit < fits.length && last !== undefined;
    return { body: { stock: page, total: fits.length, ...(isMore && { next: keyOf(last) }) } };
  };
  const ledger = ({ query }: Asked): Reply => {
    const before = Number(query.get("before") ?? Number.MAX_SAFE_INTEGER);
    const older = movements.filter(({ seq }) => seq < before);
    const page = older.slice(0, Number(query.get("limit")));
    const isMore = page.length < older.length;
    return { body: { movements: page, ...(isMore && { next: page.at(-1)?.seq }) } };
  };
  const answers = (asked: Asked): Reply | undefined => {
    if (asked.path === "/api/stock") return stock(asked);
    if (asked.path === "/api/stock/movements") return ledger(asked);
    if (asked.path !== "/api/stock/outlook") return undefined;
    const { query } = asked;
    const isKnown =
      outlook?.stock.item === query.get("item") && outlook.stock.location === query.get("location");
    if (isKnown) return { body: outlook };
    return { status: 404, body: { code: "stock/unknown", message: "not kept there" } };
  };
  const { session } = options;
  const server = await servePanel({
    dir: options.dir,
    snapshot,
    answers,
    ...(session !== undefined && { session }),
  });
  return {
    ...server,
    move: (line) => {
      lines = lines.map((it) => (keyOf(it) === keyOf(line) ? line : it));
      if (outlook !== undefined && keyOf(outlook.stock) === keyOf(line)) {
        outlook = { ...outlook, stock: line };
      }
      server.push("change", { stock: [line] });
    },
  };
}

function keyOf({ location, item }: Pick<StockView, "location" | "item">): string {
  return `${location}/${item}`;
}
