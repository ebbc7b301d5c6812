import type { Browser, BrowserContextOptions } from "playwright-core";
import type { Booking, MovementPage, StockPage } from "../../../gateway/panel/stock-api.ts";
import { eventually, gatewayRig, scratchFolder } from "../spine.ts";
import { type Visit, visit } from "./browser.ts";
import { person } from "./panel-stand-in.ts";

const yaml = `version: 1
gateway: { id: live, language: en, timezone: Asia/Shanghai }
channels: {}
locations:
  rack-a: { kind: rack, name: Rack A }
  shelf-a1: { kind: shelf, name: Shelf A1, within: rack-a }
  shelf-a2: { kind: shelf, name: Shelf A2, within: rack-a }
items:
  "06901234567892":
    name: 胰岛素注射液
    gtin: "06901234567892"
    location: shelf-a1
    unitWeight: 84.2 g
    min: 20
    max: 120
  gauze: { name: Gauze, location: [shelf-a1, shelf-a2], unitWeight: 12 g }
panel: { listen: "127.0.0.1:{panel}" }
broker: { enabled: false }
`;

export const insulin = "06901234567892";

type Role = "viewer" | "operator" | "supervisor" | "quality" | "admin";

export interface BookingRig extends AsyncDisposable {
  readonly panel: string;
  book(booking: Booking): Promise<void>;
  movements(query?: string): Promise<MovementPage["movements"]>;
  stock(query?: string): Promise<StockPage["stock"]>;
  /** Newest first, until one fits. */
  movement(
    fits: (it: MovementPage["movements"][number]) => boolean,
  ): Promise<MovementPage["movements"][number]>;
  /** A page with somebody of these roles logged in; none: nobody. */
  open(
    browser: Browser,
    hash: string,
    device: BrowserContextOptions,
    roles?: readonly Role[],
  ): Promise<Visit>;
}

/** A gateway as it runs, with two shelves and some goods, and people of every role. */
export async function bookingRig(): Promise<BookingRig> {
  await using cleanup = new AsyncDisposableStack();
  const { path } = cleanup.use(scratchFolder());
  const rig = await gatewayRig(path, yaml);
  const gateway = await rig.start();
  cleanup.defer(() => gateway.kill("SIGKILL"));
  const listening = await eventually(
    () => gateway.lines.find(({ setupCode }) => setupCode !== undefined),
    (line) => line !== undefined,
  );
  const post = async (name: string, body: unknown, cookie = "") => {
    const answer = await fetch(`${rig.panel}${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
    return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  };
  const { password, user } = person;
  const admin = await post("/api/setup", {
    code: String(listening?.["setupCode"]),
    user,
    password,
  });
  await post("/api/stock/bookings", opening(insulin, 24), await cookieFor(["operator"]));
  const done = cleanup.move();
  const operator = await cookieFor(["operator"]);

  async function cookieFor(roles: readonly Role[]): Promise<string> {
    const name = roles.join("-");
    await post("/api/users", { user: name, password, roles }, admin).catch(() => undefined);
    return post("/api/session", { user: name, password });
  }
  const get = <T>(name: string) => rig.get<T>(name);
  const movements = async (query = "") =>
    (await get<MovementPage>(`/api/stock/movements?${query}`)).movements;
  return {
    panel: rig.panel,
    book: async (booking) => void (await post("/api/stock/bookings", booking, operator)),
    movements,
    stock: async (query = "") => (await get<StockPage>(`/api/stock?${query}`)).stock,
    movement: async (fits) => {
      const found = await eventually(
        async () => (await movements()).find(fits),
        (it) => it !== undefined,
      );
      if (found === undefined) throw new Error("nothing was booked");
      return found;
    },
    open: async (browser, hash, device, roles) => {
      const cookie = roles === undefined ? undefined : await cookieFor(roles);
      const [name = "", value = ""] = cookie?.split("=") ?? [];
      return visit(browser, `${rig.panel}/${hash}`, device, async (page) => {
        if (cookie !== undefined) {
          await page.context().addCookies([{ name, value, url: rig.panel }]);
        }
      });
    },
    [Symbol.asyncDispose]: () => done.disposeAsync(),
  };
}

function opening(item: string, quantity: number): Booking {
  const lot = { lot: "A2301", expires: "2027-03-31" };
  return { kind: "receipt", item, location: "shelf-a1", quantity, ...lot, document: "PO-1" };
}
