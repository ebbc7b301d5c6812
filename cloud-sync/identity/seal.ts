/**
 * Proof of who made these bytes, for roads that do not know who speaks: brokers, sticks. `key` names the key, `value` is
 * base64url.
 */
export interface Seal {
  readonly key: string;
  readonly value: string;
}

/**
 * Seals what leaves, checks what comes. The purpose (`hello/7f3a`, `reply/7f3a`, `bundle/3`) is part of what is sealed: an
 * answer to one question never passes as an answer to another. `verify` is false for a wrong seal and for an unknown key.
 */
export interface SealKeys {
  seal(purpose: string, bytes: Uint8Array): Seal;
  verify(purpose: string, bytes: Uint8Array, seal: Seal): boolean;
}
