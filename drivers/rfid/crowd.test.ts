import fc from "fast-check";
import { expect, test } from "vitest";
import { Crowd, crowdTagsMin } from "./crowd.ts";
import { completeWindow, EpochHistory, windowEpochsMax } from "./smurf.ts";

function historyOf(reads: readonly boolean[]): EpochHistory {
  const history = new EpochHistory();
  for (const wasRead of reads) history.close(wasRead);
  return history;
}

function windowOf(histories: readonly EpochHistory[]): number {
  const crowd = new Crowd();
  for (const history of histories) crowd.count(history);
  return crowd.windowEpochs;
}

/** Read in the first of every `every` epochs. */
const regular = (every: number, reads: number) =>
  historyOf(Array.from({ length: (reads - 1) * every + 1 }, (_, epoch) => epoch % every === 0));

test("a crowd's window is that of the rate of its tags, however young each of them is", () => {
  for (const every of [1, 2, 4, 10]) {
    const young = Array.from({ length: crowdTagsMin }, () => regular(every, 3));
    expect(windowOf(young)).toBe(Math.min(completeWindow(1 / every), windowEpochsMax));
  }
});

test("fewer tags than a crowd, and tags of which each was read once, say nothing of each other", () => {
  expect(windowOf([])).toBe(0);
  expect(windowOf(Array.from({ length: crowdTagsMin - 1 }, () => regular(2, 9)))).toBe(0);
  expect(windowOf(Array.from({ length: 500 }, () => historyOf([true, false])))).toBe(0);
});

test("whatever was read, silence since the last read changes no crowd's window, which has its bounds", () => {
  const reads = fc.array(fc.boolean(), { maxLength: 100 }).map((others) => [true, ...others]);
  const property = fc.property(
    fc.array(reads, { minLength: crowdTagsMin, maxLength: 30 }),
    fc.integer({ min: 0, max: 100 }),
    (tags, silentEpochs) => {
      const window = windowOf(tags.map(historyOf));
      expect(window).toBeLessThanOrEqual(windowEpochsMax);
      expect(window === 0 || window >= completeWindow(1)).toBe(true);
      const silence = Array.from({ length: silentEpochs }, () => false);
      expect(windowOf(tags.map((each) => historyOf([...each, ...silence])))).toBe(window);
    },
  );
  fc.assert(property, { numRuns: 100 });
});
