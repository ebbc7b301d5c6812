/** Parts of a line that a pattern may name. */
export const partNames = ["weight", "sign", "unit", "status", "mode", "stable", "tare"] as const;
export type PartName = (typeof partNames)[number];
export type Parts = { readonly [name in PartName]?: string };

/** Longest pattern; one for a line of 40 characters has about 120. */
export const patternCharactersMax = 200;
/** Longest line that is compared with a pattern: with the limits below it bounds the work for one line. */
export const patternLineBytesMax = 64;
/** Most repeats that `*`, `+` and `{n,}` stand for: no field of a scale is longer. */
const repeatsMax = 16;
/** Most repeated parts in one pattern, and most optional ones. */
const repeatedMax = 12;
const optionalMax = 8;
/** A line that does not fit must be refused within this time: a scale sends 20 lines a second at most. */
const refusalMsMax = 25;
/** The shortest of so many tries counts: a busy machine makes a good pattern slow once, not every time. */
const refusalTries = 5;

/** Why a pattern cannot be taken; each has its sentence in `config/language`. */
export type PatternProblem =
  | "scale/format-syntax"
  /** Groups that look around, refer back, or have other names. */
  | "scale/format-feature"
  /** A repeated group that holds a repetition or a choice itself. */
  | "scale/format-nested"
  | "scale/format-many"
  /** Takes too long to refuse a line that does not fit. */
  | "scale/format-slow"
  | "scale/format-weight";

export interface LinePattern {
  /** What stands in the named groups; undefined when the text as a whole does not fit. */
  read(text: string): Parts | undefined;
  readonly names: readonly PartName[];
  /** A text with these parts in it that the pattern reads so; undefined when none was found. */
  write(parts: Parts): string | undefined;
}

/** A pattern that may be used, or why not: as `readPattern`, and no line takes long to be refused. */
export function checkPattern(source: string): LinePattern | PatternProblem {
  const pattern = readPattern(source);
  if (typeof pattern === "string") return pattern;
  return isSlow(pattern) ? "scale/format-slow" : pattern;
}

/** A subset of regular expressions in which repeats are bounded and never nested. */
export function readPattern(source: string): LinePattern | PatternProblem {
  if (source.length > patternCharactersMax) return "scale/format-many";
  const bounded = boundedSource(source);
  if (typeof bounded !== "object") return bounded;
  const compiled = compiledOf(bounded.source);
  if (compiled === undefined) return "scale/format-syntax";
  if (!bounded.names.includes("weight")) return "scale/format-weight";
  const read = (text: string): Parts | undefined =>
    text.length <= patternLineBytesMax ? compiled.exec(text)?.groups : undefined;
  return { read, names: bounded.names, write: (parts) => written(bounded.pieces, parts, read) };
}

function compiledOf(source: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    return undefined;
  }
}

interface Bounded {
  readonly source: string;
  readonly names: readonly PartName[];
  readonly pieces: readonly Piece[];
}

/** What writing needs of a pattern: text that stands as it is, and named parts. */
type Piece = { readonly text: string } | { readonly part: PartName };

interface Group {
  readonly part: PartName | undefined;
  varies: boolean;
  chooses: boolean;
  readonly piecesBefore: number;
}

/** Repeats get an end, and what could backtrack without end is refused. */
function boundedSource(source: string): Bounded | PatternProblem {
  const reader = new PatternReader(source);
  while (!reader.isDone) {
    const problem = reader.step();
    if (problem !== undefined) return problem;
  }
  return reader.finish();
}

class PatternReader {
  readonly #source: string;
  #at = 0;
  #out = "";
  #repeated = 0;
  #optional = 0;
  readonly #open: Group[] = [];
  readonly #names: PartName[] = [];
  #pieces: Piece[] = [];
  /** The group that ended directly before, if one did: a repeat behind it means all of it. */
  #closed: Group | undefined;
  #hasAtom = false;
  #piecesBeforeAtom = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get isDone(): boolean {
    return this.#at >= this.#source.length;
  }

  finish(): Bounded | PatternProblem {
    if (this.#open.length > 0) return "scale/format-syntax";
    return { source: this.#out, names: this.#names, pieces: this.#pieces };
  }

  step(): PatternProblem | undefined {
    const rest = this.#source.slice(this.#at);
    if (rest.startsWith("(")) return this.#opening(rest);
    if (rest.startsWith(")")) return this.#closing();
    const repeat = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(rest)?.[0];
    if (repeat !== undefined) return this.#repeat(repeat);
    if (rest.startsWith("|")) {
      for (const group of this.#open) group.chooses = true;
      return this.#take("|", "");
    }
    const atom = /^(?:\[(?:\\.|[^\]\\])+\]|\\[^1-9kpPbBcuU]|[^[\]\\{}^$])/.exec(rest)?.[0];
    if (atom === undefined)
      return rest.startsWith("\\") ? "scale/format-feature" : "scale/format-syntax";
    return this.#take(atom, sampleOf(atom));
  }

  #take(text: string, sample: string): undefined {
    this.#at += text.length;
    this.#out += text;
    this.#closed = undefined;
    this.#hasAtom = text !== "|";
    this.#piecesBeforeAtom = this.#pieces.length;
    if (sample !== "" && !this.#open.some(({ part }) => part !== undefined))
      this.#pieces.push({ text: sample });
  }

  #opening(rest: string): PatternProblem | undefined {
    const head = /^\((?:\?:|\?<([a-z]+)>)?/.exec(rest);
    if (head === null || /^\(\?(?!:|<[a-z]+>)/.test(rest)) return "scale/format-feature";
    const part = partNames.find((name) => name === head[1]);
    if (head[1] !== undefined && (part === undefined || this.#names.includes(part)))
      return "scale/format-feature";
    this.#open.push({ part, varies: false, chooses: false, piecesBefore: this.#pieces.length });
    if (part !== undefined) {
      this.#names.push(part);
      this.#pieces.push({ part });
    }
    this.#at += head[0].length;
    this.#out += head[0];
    this.#closed = undefined;
    this.#hasAtom = false;
    return undefined;
  }

  #closing(): PatternProblem | undefined {
    const group = this.#open.pop();
    if (group === undefined) return "scale/format-syntax";
    this.#at += 1;
    this.#out += ")";
    this.#closed = group;
    this.#hasAtom = true;
    this.#piecesBeforeAtom = group.piecesBefore;
    return undefined;
  }

  #repeat(sent: string): PatternProblem | undefined {
    if (!this.#hasAtom) return "scale/format-syntax";
    const count = /\{(\d+)(?:(,)(\d*))?\}/.exec(sent);
    const least = count === null ? (sent.startsWith("+") ? 1 : 0) : Number(count[1]);
    const isOptional = sent.startsWith("?");
    const isFixed = count !== null && count[2] === undefined;
    const most = isFixed
      ? least
      : Number(count?.[3] === "" ? repeatsMax : (count?.[3] ?? repeatsMax));
    if (!isOptional && (least > repeatsMax || most > repeatsMax)) return "scale/format-many";
    if (!isOptional && this.#closed !== undefined && (this.#closed.varies || this.#closed.chooses))
      return "scale/format-nested";
    if (!isFixed) {
      for (const group of this.#open) group.varies = true;
      if (isOptional) this.#optional += 1;
      else this.#repeated += 1;
    }
    if (this.#repeated > repeatedMax || this.#optional > optionalMax) return "scale/format-many";
    this.#writeRepeat(isOptional ? 0 : least);
    this.#out += isOptional ? "?" : `{${least},${most}}`;
    this.#at += sent.length;
    this.#hasAtom = false;
    this.#closed = undefined;
    return undefined;
  }

  /** Writing takes as few repeats as it may, but never leaves out a named part. */
  #writeRepeat(least: number) {
    const own = this.#pieces.slice(this.#piecesBeforeAtom);
    if (own.some((piece) => "part" in piece) || this.#open.some(({ part }) => part !== undefined))
      return;
    const kept = this.#pieces.slice(0, this.#piecesBeforeAtom);
    this.#pieces = [...kept, ...Array.from({ length: least }, () => own).flat()];
  }
}

const samples: Readonly<Record<string, string>> = {
  ".": "x",
  "\\s": " ",
  "\\d": "0",
  "\\w": "x",
  "\\D": " ",
  "\\S": "x",
  "\\W": " ",
  "\\t": "\t",
  "\\r": "\r",
  "\\n": "\n",
};

/** One character that the atom takes. */
function sampleOf(atom: string): string {
  const known = samples[atom];
  if (known !== undefined) return known;
  const one = compiledOf(atom);
  if (one === undefined) return "";
  if (one.test(" ")) return " ";
  for (let code = 1; code < 256; code += 1)
    if (one.test(String.fromCharCode(code))) return String.fromCharCode(code);
  return "";
}

/** Widths that a field is padded to when its bare text does not fit. */
const paddings = Array.from({ length: repeatsMax + 1 }, (_, width) => width);

function written(
  pieces: readonly Piece[],
  parts: Parts,
  read: (text: string) => Parts | undefined,
): string | undefined {
  for (const fill of [" ", "0"])
    for (const width of paddings) {
      const text = pieces
        .map((piece) => {
          if ("text" in piece) return piece.text;
          const sent = parts[piece.part] ?? "";
          return piece.part === "weight" || piece.part === "tare"
            ? sent.padStart(width, fill)
            : sent;
        })
        .join("");
      const found = read(text);
      if (found !== undefined && partNames.every((name) => isSame(name, parts, found))) return text;
    }
  return undefined;
}

function isSame(name: PartName, wanted: Parts, found: Parts): boolean {
  const [a, b] = [(wanted[name] ?? "").trim(), (found[name] ?? "").trim()];
  if (name !== "weight" && name !== "tare") return a === b || wanted[name] === undefined;
  return Number(a) === Number(b.replace(",", "."));
}

/** Tries lines that almost fit, short ones first: what is slow there is not tried with longer ones. */
function isSlow({ read }: LinePattern): boolean {
  for (const length of [12, 16, 24, 32, 48, patternLineBytesMax])
    for (const filling of [" ", "0", "1.", "A", "a", " 0", "+ 0", ",", "-"]) {
      const text = `${filling.repeat(length).slice(0, length - 1)}\u0000`;
      if (shortestMs(() => read(text)) > refusalMsMax) return true;
    }
  return false;
}

function shortestMs(work: () => unknown): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < refusalTries && shortest > refusalMsMax; tries += 1) {
    const startedMs = performance.now();
    work();
    shortest = Math.min(shortest, performance.now() - startedMs);
  }
  return shortest;
}
