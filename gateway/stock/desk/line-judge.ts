import type { Instant, Rule } from "../../rules/rule.ts";
import type { RuleBook } from "../../rules/rule-book.ts";
import type { RuleChange } from "../../rules/rule-set.ts";
import type { ItemBook } from "../items/item-book.ts";
import type { Calendar } from "../ledger/calendar.ts";
import type { StockLine } from "../line.ts";
import type { Evidence } from "../movement.ts";
import { type Stocked, type StockedKey, stockedKey } from "../stocked.ts";
import type { Fact } from "../warnings/fact.ts";
import type { Finding } from "../warnings/finding.ts";
import type { JudgedAt } from "../warnings/standing.ts";
import type { WarningBook } from "../warnings/warning-book.ts";
import { changeOf } from "../warnings/warning-rule.ts";
import type { Lines } from "./lines.ts";

/** Lines that one tick judges when all must be judged anew, at midnight: some milliseconds, and the loop goes on. */
export const linesPerTick = 250;

export interface LineJudgeParts {
  readonly items: ItemBook;
  readonly lines: Lines;
  readonly warnings: WarningBook;
  readonly rules: RuleBook;
  readonly calendar: Calendar;
  readonly ruleOf: (finding: Finding) => Rule;
  readonly dateOf: (at: number) => string;
}

export interface Judged {
  readonly found: readonly RuleChange[];
  /** Where a warning came or went. */
  readonly touched: ReadonlySet<StockedKey>;
}

/** Which lines are to be judged, and what alarms make of it: those that were touched at once, all of them by the day. */
export class LineJudge {
  readonly #parts: LineJudgeParts;
  readonly #marked = new Set<StockedKey>();
  #day: number | undefined;
  #round: Iterator<Stocked> | undefined;
  #started = false;

  constructor(parts: LineJudgeParts) {
    this.#parts = parts;
  }

  /** A line is different by something that is no movement: it is judged with the next step. */
  mark(keys: Iterable<StockedKey>): void {
    for (const key of keys) this.#marked.add(key);
  }

  /** Something is to be judged though nothing comes. */
  get waits(): boolean {
    return this.#marked.size > 0 || this.#parts.warnings.waits;
  }

  /** @param isTick Whether there is time for what is due by the calendar. */
  judge(
    moved: Iterable<StockedKey>,
    facts: readonly Fact[],
    evidence: ReadonlyMap<StockedKey, Evidence>,
    { at }: Instant,
    isTick: boolean,
  ): Judged {
    const { warnings, calendar, dateOf } = this.#parts;
    const touched = new Set([...moved, ...this.#marked]);
    this.#marked.clear();
    const now: JudgedAt = { at, dated: calendar.today(at) !== undefined, dateOf };
    const found = [
      ...warnings.step({ lines: this.#linesOf(touched), facts, evidence }, now),
      ...(isTick ? this.#judgeDue(now) : []),
    ];
    for (const { location, item } of found) {
      if (item !== undefined) touched.add(stockedKey(location, item));
    }
    return { found: found.map((finding) => this.#changeOf(finding)), touched };
  }

  #changeOf(finding: Finding): RuleChange {
    const rule = this.#parts.ruleOf(finding);
    this.#parts.rules.put(rule);
    return changeOf(finding, rule);
  }

  *#linesOf(touched: Iterable<StockedKey>): Iterable<StockLine> {
    const { items, lines } = this.#parts;
    for (const key of touched) {
      const [location = "", item = ""] = key.split("/");
      const stocked = items.stockedAt(location, item);
      if (stocked !== undefined) yield lines.line(stocked);
    }
  }

  /** Everything after the start, and when a day begins: a part at a time then. */
  #judgeDue(now: JudgedAt): readonly Finding[] {
    const { items, lines, warnings, calendar } = this.#parts;
    const today = calendar.today(now.at);
    if (!this.#started) {
      this.#started = true;
      this.#day = today;
      return warnings.recompute(linesOf(items.stocked(), lines), now);
    }
    if (today !== this.#day) {
      this.#day = today;
      this.#round = items.stocked()[Symbol.iterator]();
    }
    if (this.#round === undefined) return [];
    const some: StockLine[] = [];
    while (some.length < linesPerTick) {
      const next = this.#round.next();
      if (next.done === true) {
        this.#round = undefined;
        break;
      }
      some.push(lines.line(next.value));
    }
    return warnings.step({ lines: some }, now);
  }
}

function* linesOf(all: Iterable<Stocked>, lines: Lines): Iterable<StockLine> {
  for (const stocked of all) yield lines.line(stocked);
}
