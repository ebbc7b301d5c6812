interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Without a terminal a line each so often: a log of a scan of half an hour stays readable. */
const plainEveryMs = 5_000;

/** Shows how far it is: one line that is written over on a terminal, else a line now and then. */
export class ProgressLine implements Disposable {
  readonly #output: Output;
  readonly #nowMs: () => number;
  #shownMs = Number.NEGATIVE_INFINITY;
  #isShown = false;

  constructor(output: Output, nowMs: () => number) {
    this.#output = output;
    this.#nowMs = nowMs;
  }

  show(text: string): void {
    if (this.#output.isTTY === true) {
      const width = (this.#output.columns ?? 80) - 1;
      this.#output.write(`\r\u001b[K${text.slice(0, width)}`);
      this.#isShown = true;
      return;
    }
    if (this.#nowMs() - this.#shownMs < plainEveryMs) return;
    this.#shownMs = this.#nowMs();
    this.#output.write(`${text}\n`);
  }

  /** Makes room for other output. */
  clear(): void {
    if (this.#isShown) this.#output.write("\r\u001b[K");
    this.#isShown = false;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
