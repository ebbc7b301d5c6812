/** How one check ended. `skip`: it does not apply here, or cannot be made, and `found` says why. */
export type Grade = "ok" | "warn" | "fail" | "skip";

export interface Finding {
  /** What was looked at, as in `central/tls`. */
  readonly check: string;
  readonly grade: Grade;
  /** What was found, for people, without any secret. */
  readonly found: string;
  readonly todo?: string;
}

/** Any promise, but not for longer. @throws Error after the deadline. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error("too late"), { code: "ETIMEDOUT" })),
      ms,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Of an error of the system: ECONNREFUSED, EACCES, ... */
export function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string")
    return error.code;
  return error instanceof Error ? error.name : "?";
}
