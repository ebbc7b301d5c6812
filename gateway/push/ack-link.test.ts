import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { PushRig } from "../../tests/support/push-rig.ts";
import { AckLinks, linkTtlMs, usedLinksMax } from "./ack-link.ts";
import { Draft } from "./draft.ts";

const now = Date.UTC(2026, 11, 1);
const claim = { alarm: "warm#7", receiver: "night-shift" };

function linksOf(saved: ReadonlyMap<string, unknown> = new Map()) {
  const draft = new Draft();
  const links = new AckLinks(saved, randomBytes);
  return { links, draft, state: () => new Map(draft.follow().state) };
}

test("a link says for which alarm and receiver it is, and counts once, over a restart too", () => {
  const { links, draft, state } = linksOf();
  const token = links.make(claim, now, draft);
  expect(token).toMatch(/^[\w-]+\.[\w-]+$/);
  expect(links.verify(token, now)).toEqual(claim);
  expect(links.verify(token, now + linkTtlMs)).toEqual(claim);
  expect(links.use(token, now + 1, draft)).toEqual(claim);
  expect(links.use(token, now + 2, draft)).toEqual({ refused: "used" });
  const { links: later } = linksOf(state());
  expect(later.verify(token, now + 3)).toEqual({ refused: "used" });
});

test("a link ends after its time, and where the clock says it was made in another age", () => {
  const { links, draft } = linksOf();
  const token = links.make(claim, now, draft);
  expect(links.verify(token, now + linkTtlMs + 1)).toEqual({ refused: "expired" });
  expect(links.verify(token, 0)).toEqual({ refused: "expired" });
});

test("what this gateway did not sign is refused, whatever was changed in it", () => {
  const { links, draft } = linksOf();
  const token = links.make(claim, now, draft);
  const foreign = linksOf();
  expect(links.verify(foreign.links.make(claim, now, foreign.draft), now)).toEqual({
    refused: "forged",
  });
  for (const text of ["", "x", "a.b.c", "x".repeat(5_000), `${"x".repeat(5_000)}.y`]) {
    expect(links.verify(text, now)).toEqual({ refused: "unknown" });
  }
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(..."AZaz09-_"), (index, sign) => {
      const changed = token.slice(0, index) + sign + token.slice(index + 1);
      if (changed === token) return;
      expect(links.verify(changed, now)).toHaveProperty("refused");
    }),
  );
});

test("used links are remembered up to a number; those made before the forgotten ones end with them", () => {
  const { links, draft, state } = linksOf();
  const unused = links.make(claim, now, draft);
  const first = links.make(claim, now, draft);
  links.use(first, now, draft);
  for (let index = 1; index <= usedLinksMax; index += 1) {
    links.use(links.make(claim, now + index, draft), now + index, draft);
  }
  const kept = [...state()].filter(
    ([key, value]) => key.startsWith("link-used/") && value !== undefined,
  );
  expect(kept).toHaveLength(usedLinksMax);
  const at = now + usedLinksMax + 1;
  for (const { links: each } of [{ links }, linksOf(state())]) {
    expect(each.verify(first, at)).toEqual({ refused: "expired" });
    expect(each.verify(unused, at)).toEqual({ refused: "expired" });
  }
  const fresh = links.make(claim, at, draft);
  expect(links.verify(fresh, at)).toEqual(claim);
});

function rigOf(more: { alarms?: object; clockSet?: () => boolean; mayLink?: () => boolean } = {}) {
  const { alarms = {}, ...options } = more;
  const rig = new PushRig({
    config: {
      notify: { one: { email: ["a@example.com"] } },
      alarms: { links: true, site: "https://panel.example.com/", ...alarms },
    },
    rules: [{ id: "warm", notify: ["one"] }],
    ...options,
  });
  rig.raise("warm");
  rig.commit();
  return rig;
}

test("messages carry a link that acknowledges their alarm, and its key outlives a restart", () => {
  const rig = rigOf();
  const link = rig.pushes[0]?.link ?? "";
  expect(link).toMatch(/^https:\/\/panel\.example\.com\/acknowledge\/[\w.-]+$/);
  expect(rig.pushes[0]?.text).toContain(`Acknowledge: ${link}`);
  rig.restart();
  const token = link.slice(link.lastIndexOf("/") + 1);
  expect(rig.desk.verifyLink(token, rig.wall)).toEqual({ alarm: "warm#1", receiver: "one" });
  const used = rig.desk.useLink(token, rig.wall);
  expect(used.verdict).toEqual({ alarm: "warm#1", receiver: "one" });
  rig.take(used.follow);
  rig.restart();
  expect(rig.desk.verifyLink(token, rig.wall)).toEqual({ refused: "used" });
});

test("no link is made while the clock is not set, links are off, or a profile forbids it; none to what is over", () => {
  expect(rigOf({ clockSet: () => false }).pushes[0]?.link).toBeUndefined();
  expect(rigOf({ alarms: { links: false } }).pushes[0]?.link).toBeUndefined();
  expect(rigOf({ mayLink: () => false }).pushes[0]?.link).toBeUndefined();
  const rig = rigOf();
  rig.move("warm", "returned-unacknowledged", "returned");
  rig.commit();
  expect(rig.pushes.at(-1)?.kind).toBe("returned");
  expect(rig.pushes.at(-1)?.link).toBeUndefined();
});
