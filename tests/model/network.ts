import type { Reply, Request } from "./words.ts";

export interface Letter<Body> {
  readonly id: number;
  /** Which machine's connection. */
  readonly site: number;
  readonly body: Body;
}

/** What is under way, in no order: anything may be lost, copied, kept back and overtaken. */
export interface Network {
  requests: Letter<Request>[];
  replies: Letter<Reply>[];
}

export const newNetwork = (): Network => ({ requests: [], replies: [] });

/** Takes one out; which one is up to `n`. */
export function take<Body>(letters: Letter<Body>[], n: number): Letter<Body> | undefined {
  return letters.length === 0 ? undefined : letters.splice(n % letters.length, 1)[0];
}

export function copy<Body>(letters: Letter<Body>[], n: number): boolean {
  const letter = letters[n % Math.max(1, letters.length)];
  if (letter === undefined) return false;
  letters.push(letter);
  return true;
}
