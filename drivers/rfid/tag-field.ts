export interface SimulatedTag {
  /** Hex, whole words for UHF; five bytes for rdm6300, seven (country and number) for wl134. */
  readonly epc: string;
  /** -55 unless told. Readers without dBm send 200 more than this. */
  readonly rssiDbm?: number;
  /** 1 unless told. */
  readonly antenna?: number;
  /** How often it is read beside the others; 1 unless told. */
  readonly share?: number;
  /** Family identifier of an ISO application (library books: C2), for readers that send PC; none: it is an EPC. */
  readonly afi?: number;
  /** Sends a wrong CRC of its own. */
  readonly isDamaged?: boolean;
}

/** Tags before the antennas of a simulated reader. They may be put in and taken out while it reads. */
export class TagField {
  readonly #tags = new Map<string, SimulatedTag>();
  #list: readonly SimulatedTag[] = [];
  #shares = 0;
  #seed: number;
  /** Of all tags together. */
  readsPerSecond: number;

  constructor(
    tags: readonly SimulatedTag[] = [],
    { readsPerSecond = 50, seed = 1 }: { readsPerSecond?: number; seed?: number } = {},
  ) {
    this.readsPerSecond = readsPerSecond;
    this.#seed = seed;
    for (const tag of tags) this.#tags.set(tag.epc, tag);
    this.#sum();
  }

  put(tag: SimulatedTag): void {
    this.#tags.set(tag.epc, tag);
    this.#sum();
  }

  take(epc: string): void {
    this.#tags.delete(epc);
    this.#sum();
  }

  get tags(): readonly SimulatedTag[] {
    return this.#list;
  }

  /** `count` sightings, the same ones for the same seed. Only tags before that antenna, where one is given. */
  draw(count: number, antenna?: number): readonly SimulatedTag[] {
    const seen: SimulatedTag[] = [];
    for (let at = 0; at < count; at += 1) {
      const tag = this.#pick(this.#random() * this.#shares);
      if (tag !== undefined && (antenna === undefined || (tag.antenna ?? 1) === antenna))
        seen.push(tag);
    }
    return seen;
  }

  #pick(place: number): SimulatedTag | undefined {
    let rest = place;
    for (const tag of this.#list) {
      rest -= tag.share ?? 1;
      if (rest < 0) return tag;
    }
    return undefined;
  }

  #sum(): void {
    this.#list = [...this.#tags.values()];
    this.#shares = this.#list.reduce((sum, { share = 1 }) => sum + share, 0);
  }

  /** Mulberry32: 0 to below 1. */
  #random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}
