import { expect, test } from "vitest";
import { processorMs } from "../../../tests/support/processor-time.ts";
import { combinationsMax, combinationsOf } from "./combinations.ts";
import { explain } from "./explain.ts";
import { explainSteps } from "./steps.ts";
import type { PieceWeight } from "./weigh.ts";

function piece(item: string, grams: number, more: Partial<PieceWeight> = {}): PieceWeight {
  return { item, kg: grams / 1_000, spread: 0.005, sampled: 50, ...more };
}
function change(grams: number, strangeGrams = 0) {
  return {
    ...{ kg: grams / 1_000, sdKg: 0.0005, divisionKg: 0.001, strangeKg: strangeGrams / 1_000 },
    present: (): number | undefined => undefined,
  };
}
const [a, b, c] = [piece("a", 100), piece("b", 170), piece("c", 455)];

test("the only item that fits within 3 sigma is it", () => {
  expect(explain(change(-341), [a, b, c])).toMatchObject({
    is: "moved",
    parts: [{ item: "b", pieces: -2 }],
  });
});

test("what is no whole number of pieces is unexplained, on a shelf of one item and of several", () => {
  expect(explain(change(137), [a])).toEqual({ is: "unexplained" });
  expect(explain(change(33), [a, b, c])).toEqual({ is: "unexplained" });
});

test("what two items explain is ambiguous, with both; unless one is known not to be there", () => {
  const [light, heavy] = [piece("light", 50), piece("heavy", 150)];
  const ambiguous = explain(change(-150), [light, heavy]);
  expect(ambiguous).toMatchObject({
    is: "ambiguous",
    candidates: [
      { item: "light", pieces: -3 },
      { item: "heavy", pieces: -1 },
    ],
  });
  const known = { ...change(-150), present: (item: string) => (item === "light" ? 2 : 5) };
  expect(explain(known, [light, heavy])).toMatchObject({
    is: "moved",
    parts: [{ item: "heavy", pieces: -1 }],
  });
});

test("two items in one step are told where only one combination fits", () => {
  expect(explain(change(-270), [a, b])).toMatchObject({
    is: "moved",
    parts: [
      { item: "a", pieces: -1 },
      { item: "b", pieces: -1 },
    ],
  });
  const many = [piece("p", 100), piece("q", 101), piece("r", 103), piece("s", 99)];
  expect(explain(change(603), many).is).toBe("ambiguous");
});

test("combinations have a limit, and at it nothing is called unique", () => {
  const many = Array.from({ length: 60 }, (_, at) => piece(`i${at}`, 1_000 + at * 13));
  const begin = processorMs();
  const { isComplete } = combinationsOf({ ...change(17), kg: 0.0171 }, many);
  expect(isComplete).toBe(false);
  expect(combinationsMax).toBe(20_000);
  expect(processorMs() - begin).toBeLessThan(5_000);
});

test("a bin that comes with its pieces is the pieces; what had come as a stranger goes as one", () => {
  const inBin = piece("a", 100, { containerKg: 0.037 });
  expect(explain(change(537), [inBin])).toMatchObject({
    is: "moved",
    parts: [{ pieces: 5 }],
    containerKg: 0.037,
  });
  expect(explain(change(-37), [inBin])).toMatchObject({ is: "moved", parts: [] });
  expect(explain(change(-200, 200), [a])).toEqual({ is: "returned" });
});

test("an item that is sold by weight explains any change, and not more than is there", () => {
  const bulk = piece("flour", 0, { unit: "kg" });
  expect(explain(change(-333), [bulk])).toMatchObject({ is: "moved", parts: [{ pieces: -0.333 }] });
  const known = { ...change(-333), present: () => 0.2 };
  expect(explain(known, [bulk])).toEqual({ is: "unexplained" });
});

test("steps are told apart where their sum could be a third thing, and lifting and putting back is nothing", () => {
  const items = [a, b, piece("ab", 270)];
  const both = { ...change(-270), steps: [-0.1, -0.17] };
  expect(explainSteps(both, items).moved).toMatchObject([{ item: "a" }, { item: "b" }]);
  const back = { ...change(-170), steps: [-0.1, 0.1, -0.17] };
  expect(explainSteps(back, items).moved).toMatchObject([{ item: "b", pieces: -1 }]);
  const strange = { ...change(37), steps: [-0.1, 0.137] };
  expect(explainSteps(strange, [a])).toMatchObject({
    moved: [{ item: "a", pieces: -1 }],
    open: [{ is: "unexplained", kg: 0.137 }],
  });
});
