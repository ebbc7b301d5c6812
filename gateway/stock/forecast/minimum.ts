const goldenRatio = (Math.sqrt(5) - 1) / 2;
/** Below it the squared error of two weights no longer differs in a double. */
const width = 1e-10;

/** Parts of the range that are looked at first: the error of a smoothing weight may have two valleys. */
const parts = 20;

/**
 * Where a smooth function is least within two bounds; a bound itself where it is least there, the lower one where nothing
 * is less: one demand behind zeros has the same error under every weight.
 */
export function minimum(of: (x: number) => number, from: number, to: number): number {
  const part = (to - from) / parts;
  const points = Array.from({ length: parts + 1 }, (_, n) => from + n * part);
  const values = points.map(of);
  const least = values.indexOf(Math.min(...values));
  const near = goldenSection(
    of,
    Math.max(from, (points[least] ?? from) - part),
    Math.min(to, (points[least] ?? to) + part),
  );
  return [from, to, near].reduce((best, x) => (of(x) < of(best) ? x : best));
}

/** Where a function with one valley is least. */
function goldenSection(of: (x: number) => number, from: number, to: number): number {
  let low = from;
  let high = to;
  let a = high - goldenRatio * (high - low);
  let b = low + goldenRatio * (high - low);
  let atA = of(a);
  let atB = of(b);
  while (high - low > width) {
    if (atA < atB) {
      high = b;
      b = a;
      atB = atA;
      a = high - goldenRatio * (high - low);
      atA = of(a);
    } else {
      low = a;
      a = b;
      atA = atB;
      b = low + goldenRatio * (high - low);
      atB = of(b);
    }
  }
  return (low + high) / 2;
}
