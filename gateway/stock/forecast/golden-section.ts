const goldenRatio = (Math.sqrt(5) - 1) / 2;
/** Below it the squared error of two weights no longer differs in a double. */
const width = 1e-10;

/** Where a function with one valley is least within two bounds; a bound itself where it is least there. */
export function goldenSection(of: (x: number) => number, from: number, to: number): number {
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
  const middle = (low + high) / 2;
  return [from, to, middle].reduce((best, x) => (of(x) < of(best) ? x : best), middle);
}
