import type { Language } from "../../config/language/language.ts";
import { simulateText } from "../../config/language/simulate.ts";

/** Complaints that are shown; of further ones only the number, for a file of a million bad rows. */
export const complaintsMax = 100;

/** Why a row is left out: a key of the sentence that says so, and what it names. */
export type RowFault =
  | { readonly is: "quote" | "too-long" | "too-few-cells" | "no-point" | "no-value" }
  | {
      readonly is: "time" | "quality" | "number" | "switch" | "event" | "duration";
      readonly got: string;
    }
  | { readonly is: "point" | "rule"; readonly got: string; readonly suggestion: string };

/** Something about one line of a file that the person who gave it must know. */
export type Complaint =
  | { readonly line: number; readonly left: RowFault }
  | { readonly line: number; readonly late: { readonly point: string; readonly behindMs: number } }
  | { readonly line: number; readonly refused: string; readonly rule: string };

/** Complaints about one file in the order of their lines, no more of them than can be read. */
export class Complaints {
  readonly file: string;
  #kept: Complaint[] = [];
  #total = 0;

  constructor(file: string) {
    this.file = file;
  }

  add(complaint: Complaint): void {
    this.#total += 1;
    if (this.#kept.length < complaintsMax) this.#kept.push(complaint);
  }

  get total(): number {
    return this.#total;
  }

  /** `samples.csv:17: row 17 is left out: ...` */
  lines(language: Language): readonly string[] {
    const text = simulateText[language];
    const shown = [...this.#kept]
      .sort((a, b) => a.line - b.line)
      .map((complaint) => `${this.file}:${complaint.line}: ${sentence(complaint, language)}`);
    const more = this.#total - this.#kept.length;
    return more === 0 ? shown : [...shown, `${this.file}: ${text.more(more)}`];
  }
}

function sentence(complaint: Complaint, language: Language): string {
  const text = simulateText[language];
  if ("late" in complaint)
    return text.late(complaint.line, complaint.late.point, complaint.late.behindMs / 1_000);
  if ("refused" in complaint)
    return text.refused(complaint.line, complaint.rule, complaint.refused);
  return text.left(complaint.line, faultText(complaint.left, language));
}

function faultText(fault: RowFault, language: Language): string {
  const { fault: text } = simulateText[language];
  switch (fault.is) {
    case "point":
    case "rule":
      return text[fault.is](fault.got, fault.suggestion);
    case "time":
    case "quality":
    case "number":
    case "switch":
    case "event":
    case "duration":
      return text[fault.is](fault.got);
    default:
      return text[fault.is];
  }
}
