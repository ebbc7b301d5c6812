/**
 * The simplex search of Nelder and Mead with the constants, the start and the end of Nash's Algorithm 19 (Compact Numerical
 * Methods for Computers, 1990), which R uses: a flat minimum is left at the same digit.
 */

interface Vertex {
  readonly at: readonly number[];
  readonly value: number;
}

export interface SimplexSettings {
  readonly tolerance: number;
  /** Values of the function that are looked at, at most; then the best one so far is told. */
  readonly evaluationsMax: number;
}

const expansion = 2;
const contraction = 0.5;
/** Where the function has no value it is this: worse than any other. */
const worst = 1e35;

/** Where a function of some numbers is least, looked for from a point on. */
export function simplexMinimum(
  of: (at: readonly number[]) => number,
  from: readonly number[],
  { tolerance, evaluationsMax }: SimplexSettings,
): readonly number[] {
  let evaluations = 0;
  const vertex = (at: readonly number[]): Vertex => {
    evaluations += 1;
    const value = of(at);
    return { at, value: Number.isFinite(value) ? value : worst };
  };
  const first = vertex(from);
  const enough = tolerance * (Math.abs(first.value) + tolerance);
  const step = Math.max(...from.map((x) => 0.1 * Math.abs(x))) || 0.1;
  const corners = from.map((_, n) => vertex(from.map((x, i) => (i === n ? x + step : x))));
  let simplex = [first, ...corners];
  let size = step * from.length;
  for (;;) {
    const best = extreme(simplex, (a, b) => a < b);
    const high = extreme(simplex, (a, b) => a > b);
    if (high.value <= best.value + enough || evaluations > evaluationsMax) return best.at;
    const next = moved(simplex, { best, high }, vertex);
    if (next !== undefined) {
      simplex = simplex.map((each) => (each === high ? next : each));
      continue;
    }
    const shrunk = simplex.map((each) => (each === best ? each.at : between(each.at, best.at)));
    const after = sizeAround(shrunk, best.at);
    if (after >= size) return best.at;
    size = after;
    simplex = simplex.map((each, n) => (each === best ? best : vertex(shrunk[n] ?? each.at)));
  }
}

/** A better place for the highest corner; undefined when the simplex has to shrink. */
function moved(
  simplex: readonly Vertex[],
  { best, high }: { readonly best: Vertex; readonly high: Vertex },
  vertex: (at: readonly number[]) => Vertex,
): Vertex | undefined {
  const others = simplex.length - 1;
  const centre = high.at.map((x, i) => {
    const sum = simplex.reduce((total, { at }) => total + (at[i] ?? 0), -x);
    return sum / others;
  });
  const reflected = vertex(high.at.map((x, i) => 2 * (centre[i] ?? 0) - x));
  if (reflected.value < best.value) {
    const further = reflected.at.map((x, i) => expansion * x + (1 - expansion) * (centre[i] ?? 0));
    const expanded = vertex(further);
    return expanded.value < reflected.value ? expanded : reflected;
  }
  const better = reflected.value < high.value ? reflected : high;
  const contracted = vertex(between(better.at, centre));
  if (contracted.value < better.value) return contracted;
  return better === reflected ? reflected : undefined;
}

function between(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((x, i) => contraction * (x - (b[i] ?? 0)) + (b[i] ?? 0));
}

function sizeAround(corners: readonly (readonly number[])[], best: readonly number[]): number {
  return corners.reduce(
    (sum, at) => at.reduce((total, x, i) => total + Math.abs(x - (best[i] ?? 0)), sum),
    0,
  );
}

function extreme(simplex: readonly Vertex[], beats: (a: number, b: number) => boolean): Vertex {
  return simplex.reduce((found, each) => (beats(each.value, found.value) ? each : found));
}
