/** Gateways that one receiver remembers: some 100 bytes each. Of the one that was heard of longest ago it asks again. */
export const acceptedMax = 100_000;

/** How far the log and the database together are with the samples of an epoch. */
export interface Accepted {
  readonly epoch: string;
  readonly mark: number;
  /** `log_refusals` when it was looked up. */
  readonly refusals: number;
  readonly checkedAt: number;
}

/** What one receiver knows; it may forget all of it at any time, then gateways send rows again that are in the log. */
export class AcceptedMarks {
  readonly #byGateway = new Map<string, Accepted>();

  of(gateway: string, epoch: string): Accepted | undefined {
    const known = this.#byGateway.get(gateway);
    return known?.epoch === epoch ? known : undefined;
  }

  set(gateway: string, accepted: Accepted): void {
    this.#byGateway.delete(gateway);
    this.#byGateway.set(gateway, accepted);
    if (this.#byGateway.size <= acceptedMax) return;
    for (const oldest of this.#byGateway.keys()) {
      this.#byGateway.delete(oldest);
      return;
    }
  }

  forget(gateway: string): void {
    this.#byGateway.delete(gateway);
  }
}
