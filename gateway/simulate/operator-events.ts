import { suggest } from "../../config/suggest.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import { parseDuration } from "../../drivers/quantity.ts";
import type { AlarmAction } from "../alarms/alarm.ts";
import { type Columns, columnsInOrder, columnsOf } from "./columns.ts";
import type { Complaint, RowFault } from "./complaint.ts";
import type { CsvFault, CsvRow } from "./csv-rows.ts";
import { parseInstant } from "./instant-text.ts";

export const eventColumns = ["at", "rule", "event", "by", "argument"] as const;
type Column = (typeof eventColumns)[number];

/** Events of one run: they are all in memory, and nobody does more in years. */
export const eventsMax = 100_000;

/** What a person did at an instant. */
export interface OperatorEvent {
  readonly line: number;
  readonly at: EpochMs;
  readonly rule: string;
  readonly action: AlarmAction;
}

/** Rows of `at,rule,event,by[,argument]` -> events, in the order of the file. */
export class EventRows {
  readonly #rules: ReadonlySet<string>;
  readonly #complain: (complaint: Complaint) => void;
  readonly #events: OperatorEvent[] = [];
  #columns: Columns<Column> | undefined;
  /** A column that the first line had to name. */
  missing: Column | undefined;

  constructor(rules: ReadonlySet<string>, complain: (complaint: Complaint) => void) {
    this.#rules = rules;
    this.#complain = complain;
  }

  get isTooMany(): boolean {
    return this.#events.length > eventsMax;
  }

  /** In order of time; at one instant in the order of the file. */
  sorted(): readonly OperatorEvent[] {
    return [...this.#events].sort((a, b) => a.at - b.at);
  }

  fault(line: number, is: CsvFault): void {
    this.#complain({ line, left: { is } });
  }

  row({ line, cells }: CsvRow): void {
    if (this.#columns === undefined) {
      const named = columnsOf(cells, eventColumns, 4);
      this.missing = named?.missing;
      this.#columns = named?.columns ?? columnsInOrder(eventColumns);
      if (named !== undefined) return;
    }
    if (this.missing !== undefined || this.isTooMany) return;
    if (cells.length === 1 && cells[0]?.trim() === "") return;
    const columns = this.#columns;
    const cell = (name: Column) => {
      const at = columns[name];
      return at === undefined ? undefined : cells[at]?.trim();
    };
    const read = this.#read(cell);
    if ("is" in read) this.#complain({ line, left: read });
    else this.#events.push({ line, ...read });
  }

  #read(cell: (name: Column) => string | undefined): Omit<OperatorEvent, "line"> | RowFault {
    const [atText, rule, event, by] = [cell("at"), cell("rule"), cell("event"), cell("by")];
    if (atText === undefined || rule === undefined || event === undefined || by === undefined)
      return { is: "too-few-cells" };
    const at = parseInstant(atText);
    if (at === undefined) return { is: "time", got: atText };
    if (!this.#rules.has(rule))
      return { is: "rule", got: rule, suggestion: suggest(rule, [...this.#rules]) };
    const action = actionOf(event.toLowerCase(), by, cell("argument") ?? "");
    if (action === undefined) return { is: "event", got: event };
    return "is" in action ? action : { at, rule, action };
  }
}

/** The argument is how long for a shelf, what was found for an acknowledgement, else the reason. */
function actionOf(event: string, by: string, argument: string): AlarmAction | RowFault | undefined {
  const comment = argument === "" ? undefined : argument;
  switch (event) {
    case "ack":
      return { do: "acknowledge", by, comment };
    case "reset":
      return { do: "reset", by, comment };
    case "shelve":
      return shelve(by, argument);
    case "suppress":
      return { do: "suppress", by, reason: comment };
    case "out-of-service":
      return { do: "out-of-service", by, reason: comment ?? event };
    case "unshelve":
    case "unsuppress":
    case "return-to-service":
      return { do: event, by };
    default:
      return undefined;
  }
}

/** A shelf wants a reason, and the row has no room for one. */
function shelve(by: string, argument: string): AlarmAction | RowFault {
  const reason = "simulate";
  if (argument.toLowerCase() === "one-shot") return { do: "shelve", by, reason };
  const forMs = parseDuration(argument);
  if (forMs === undefined || forMs === 0) return { is: "duration", got: argument };
  return { do: "shelve", by, reason, forMs };
}
