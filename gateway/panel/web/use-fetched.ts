import { useEffect, useState } from "preact/hooks";
import { usePanel } from "./panel.ts";
import type { Fault } from "./request.ts";

/** Time between two looks at what the live stream does not carry. */
const refetchMs = 30_000;

export interface Fetched<T> {
  readonly body: T | undefined;
  readonly fault: Fault | undefined;
  /** Asks anew, after something was changed. */
  readonly refetch: () => void;
}

/**
 * What stands under a name of the gateway, fetched when the component is shown, when `changes` change, when the
 * connection is back, and from time to time. What was known stays while a later try fails.
 *
 * @param read the answer's body as it is expected; the same function at every call.
 */
export function useFetched<T>(
  path: string,
  read: (body: unknown) => T,
  changes: unknown = undefined,
): Fetched<T> {
  const { get, link } = usePanel();
  const [body, setBody] = useState<T | undefined>(undefined);
  const [fault, setFault] = useState<Fault | undefined>(undefined);
  const [tries, setTries] = useState(0);
  const refetch = () => setTries((count) => count + 1);
  const live = link.value === "live";
  useEffect(() => {
    let gone = false;
    const ask = async () => {
      const answer = await get(path);
      if (gone) return;
      setFault(answer.ok ? undefined : answer.fault);
      if (answer.ok) setBody(read(answer.body));
    };
    void ask();
    const timer = setInterval(() => void ask(), refetchMs);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [get, path, read, changes, tries, live]);
  return { body, fault, refetch };
}
