/** Lines of a difference that are kept; of more only the first. */
export const differenceLinesMax = 200;

/** Characters of such a line. */
const lineCharsMax = 300;

/** Pairs of lines that are compared: above, the whole stretch counts as replaced. */
const pairsMax = 1_000_000;

/** Lines that went (`- `) and came (`+ `), in their order, without those around them. */
export function difference(before: string, after: string): readonly string[] {
  const [old, fresh] = [before.split(/\r?\n/), after.split(/\r?\n/)];
  let head = 0;
  while (head < Math.min(old.length, fresh.length) && old[head] === fresh[head]) head += 1;
  let tail = 0;
  const tailMax = Math.min(old.length, fresh.length) - head;
  while (tail < tailMax && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const gone = old.slice(head, old.length - tail);
  const came = fresh.slice(head, fresh.length - tail);
  const lines = gone.length * came.length > pairsMax ? replaced(gone, came) : compared(gone, came);
  const cut = lines.slice(0, differenceLinesMax).map((line) => line.slice(0, lineCharsMax));
  return lines.length <= differenceLinesMax ? cut : [...cut, `... ${lines.length}`];
}

function replaced(gone: readonly string[], came: readonly string[]): readonly string[] {
  return [...gone.map((line) => `- ${line}`), ...came.map((line) => `+ ${line}`)];
}

/** By the longest common sequence of lines. */
function compared(gone: readonly string[], came: readonly string[]): readonly string[] {
  const width = came.length + 1;
  const lengths = new Uint32Array((gone.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = gone.length - 1; row >= 0; row -= 1) {
    for (let column = came.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        gone[row] === came[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: string[] = [];
  let [row, column] = [0, 0];
  while (row < gone.length || column < came.length) {
    const isSame = row < gone.length && column < came.length && gone[row] === came[column];
    if (isSame) {
      row += 1;
      column += 1;
    } else if (
      column >= came.length ||
      (row < gone.length && at(row + 1, column) >= at(row, column + 1))
    ) {
      lines.push(`- ${gone[row]}`);
      row += 1;
    } else {
      lines.push(`+ ${came[column]}`);
      column += 1;
    }
  }
  return lines;
}
