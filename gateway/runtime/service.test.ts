import { expect, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { HealthBook } from "../health/health-book.ts";
import { Service } from "./service.ts";

function setUp() {
  const clock = new ManualClock();
  const health = new HealthBook(["panel"], clock, memoryLog().log);
  const it = { address: "a", isEnabled: true, said: [] as string[] };
  const service = new Service(
    "panel",
    () => it.isEnabled,
    () => {
      const { address } = it;
      if (address === "taken") return Promise.reject(new Error("it is taken"));
      it.said.push(`open ${address}`);
      const close = () => Promise.resolve(void it.said.push(`close ${address}`));
      return Promise.resolve({ address, [Symbol.asyncDispose]: close });
    },
  );
  const stop = new AbortController();
  const running = service.run(clock, health, stop.signal);
  return { clock, health, it, service, stop, running };
}

test("it is closed before it opens under other settings, and closed at the end", async () => {
  const { clock, it, service, stop, running } = setUp();
  await clock.advance(1);
  it.address = "b";
  service.reopen();
  await clock.advance(1);
  expect(service.current?.address).toBe("b");
  stop.abort();
  await running;
  expect(it.said).toEqual(["open a", "close a", "open b", "close b"]);
});

test("what cannot open is well again when it is switched off, and opens when it is switched on", async () => {
  const { clock, health, it, service, stop, running } = setUp();
  await clock.advance(1);
  it.address = "taken";
  service.reopen();
  await clock.advance(1);
  expect(health.notices()).toHaveLength(1);
  it.isEnabled = false;
  service.reopen();
  await clock.advance(1);
  expect([health.notices(), service.current]).toEqual([[], undefined]);
  Object.assign(it, { isEnabled: true, address: "c" });
  service.reopen();
  await clock.advance(1);
  expect(service.current?.address).toBe("c");
  stop.abort();
  await running;
});

test("a change while it opens closes what opened too late", async () => {
  const { clock, it, service, stop, running } = setUp();
  it.address = "b";
  service.reopen();
  await clock.advance(1);
  expect(service.current?.address).toBe("b");
  stop.abort();
  await running;
  expect(it.said.filter((what) => what.startsWith("open"))).toHaveLength(
    it.said.filter((what) => what.startsWith("close")).length,
  );
});
