import { type Part, piecesSdKg } from "./change.ts";
import { countOf } from "./count-error.ts";
import { type KnownWeight, refined, teaches } from "./piece-weight.ts";
import type { Count, PieceWeight, ShelfSettings } from "./weigh.ts";

export interface BookState {
  /** Items whose number is known, in pieces or kg. */
  readonly pieces: Readonly<Record<string, number>>;
  /** What lies there that is no piece of any item. */
  readonly strangeKg: number;
  readonly known: Readonly<Record<string, KnownWeight>>;
}

/** What is believed to lie on a shelf. */
export class ShelfBook {
  readonly #divisionKg: number;
  readonly #given: readonly PieceWeight[];
  readonly #pieces: Map<string, number>;
  readonly #known: Map<string, KnownWeight>;
  #items: readonly PieceWeight[];
  #strangeKg: number;

  constructor({ items, divisionKg }: ShelfSettings, state: BookState | undefined) {
    this.#divisionKg = divisionKg;
    this.#given = items;
    const isHere = ([item]: readonly [string, unknown]) => items.some((it) => it.item === item);
    this.#pieces = new Map(Object.entries(state?.pieces ?? {}).filter(isHere));
    this.#known = new Map(Object.entries(state?.known ?? {}).filter(isHere));
    this.#items = this.#refined();
    this.#strangeKg = state?.strangeKg ?? 0;
  }

  get state(): BookState {
    const [pieces, known] = [Object.fromEntries(this.#pieces), Object.fromEntries(this.#known)];
    return { pieces, known, strangeKg: this.#strangeKg };
  }

  /** With their weights as they are known by now. */
  get items(): readonly PieceWeight[] {
    return this.#items;
  }

  get strangeKg(): number {
    return this.#strangeKg;
  }

  /** Every item is known to be out, and nothing else lies there. */
  get isEmpty(): boolean {
    return this.#strangeKg === 0 && this.#given.every(({ item }) => this.#pieces.get(item) === 0);
  }

  /** Lightest piece of an item, kg; undefined: all are sold by weight. */
  get lightestKg(): number | undefined {
    const weights = this.#items.filter(({ unit }) => unit !== "kg").map(({ kg }) => kg);
    return weights.length === 0 ? undefined : Math.min(...weights);
  }

  /** Limit for what may be taken. A single item is limited by the weight itself. */
  present(item: string): number | undefined {
    return this.#given.length < 2 ? undefined : this.#pieces.get(item);
  }

  /** Of items whose number the weight tells. */
  counts(netKg: number): readonly Count[] {
    const [only, second] = this.#items;
    if (only === undefined) return [];
    const goodsKg = netKg - this.#strangeKg;
    if (second === undefined)
      return [countOf(only, this.#divisionKg, goodsKg, this.#pieces.get(only.item))];
    return this.#items.flatMap((piece) => {
      const pieces = this.#pieces.get(piece.item);
      if (pieces === undefined) return [];
      const ownKg = piece.unit === "kg" ? pieces : pieces * piece.kg;
      return [countOf(piece, this.#divisionKg, ownKg, pieces)];
    });
  }

  /** Pieces came or went, with the containers that they were in. */
  move(parts: readonly Part[], containerKg: number): void {
    this.#strangeKg += containerKg;
    for (const { item, pieces } of parts) {
      const known = this.#pieces.get(item);
      if (known === undefined) continue;
      const after = known + pieces;
      if (after < 0) this.#pieces.delete(item);
      else this.#pieces.set(item, after);
    }
  }

  /** @param withinKg less than this is nothing */
  addStrange(kg: number, withinKg: number): void {
    const sum = this.#strangeKg + kg;
    this.#strangeKg = Math.abs(sum) <= withinKg ? 0 : sum;
  }

  forget(items: readonly string[]): void {
    for (const item of items) this.#pieces.delete(item);
  }

  empty(): void {
    this.#strangeKg = 0;
    for (const { item } of this.#given) this.#pieces.set(item, 0);
  }

  /** What lies there teaches the weight of a piece, while its number is sure. */
  learn(netKg: number): void {
    const [only, second] = this.#items;
    if (only === undefined || second !== undefined || this.#strangeKg !== 0) return;
    const pieces = this.#pieces.get(only.item);
    if (pieces !== undefined) this.#teach(only, pieces, netKg, false);
  }

  /** A person counted. @returns whether the piece weight is known better now. */
  know(item: string, pieces: number, netKg: number): boolean {
    const piece = this.#items.find((it) => it.item === item);
    if (piece === undefined || !(pieces >= 0 && Number.isFinite(pieces))) return false;
    this.#pieces.set(item, pieces);
    const others = this.#items.filter((it) => it !== piece);
    const othersKg = others.reduce((sum, it) => {
      const there = this.#pieces.get(it.item) ?? Number.NaN;
      return sum + there * (it.unit === "kg" ? 1 : it.kg);
    }, 0);
    if (Number.isNaN(othersKg)) return false;
    const isLearnt = othersKg === 0 && this.#teach(piece, pieces, netKg, true);
    const unitKg = piece.unit === "kg" ? 1 : piece.kg;
    const sdKg = piece.unit === "kg" ? 0 : piecesSdKg(piece, pieces, this.#divisionKg);
    const differsKg = netKg - othersKg - pieces * unitKg;
    const isSame = Math.abs(differsKg) <= 3 * Math.hypot(sdKg, this.#divisionKg);
    this.#strangeKg = isSame ? 0 : differsKg;
    return isLearnt;
  }

  #teach(piece: PieceWeight, pieces: number, goodsKg: number, isTold: boolean): boolean {
    const given = this.#given.find(({ item }) => item === piece.item);
    if (given === undefined) return false;
    const known = this.#known.get(piece.item);
    const load = { pieces, goodsKg, divisionKg: this.#divisionKg };
    if (known?.given === given.kg && pieces <= known.pieces) return false;
    if (!teaches(piece, load, isTold)) return false;
    this.#known.set(piece.item, { kg: goodsKg / pieces, pieces, given: given.kg });
    this.#items = this.#refined();
    return true;
  }

  #refined(): readonly PieceWeight[] {
    return this.#given.map((piece) =>
      refined(piece, this.#known.get(piece.item), this.#divisionKg),
    );
  }
}
