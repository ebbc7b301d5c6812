import { useEffect, useState } from "preact/hooks";
import type { Fault } from "../../../gateway/panel/web/request.ts";
import { pollMs, useCentral } from "./central.ts";

export interface Answered<T> {
  readonly body: T | undefined;
  readonly fault: Fault | undefined;
  readonly refetch: () => void;
}

/**
 * What stands under a name of central, asked when the component is shown and as often as the page asks. What was known
 * stays while a later try fails.
 * @param read the same function at every call.
 */
export function useAnswer<T>(path: string, read: (body: unknown) => T): Answered<T> {
  const { get, hasToken } = useCentral();
  const [body, setBody] = useState<T | undefined>(undefined);
  const [fault, setFault] = useState<Fault | undefined>(undefined);
  const [tries, setTries] = useState(0);
  const known = hasToken.value;
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const answer = await get(path);
      if (gone) return;
      setFault(answer.ok ? undefined : answer.fault);
      if (answer.ok) setBody(read(answer.body));
      timer = setTimeout(() => void ask(), pollMs);
    };
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [get, path, read, tries, known]);
  return { body, fault, refetch: () => setTries((count) => count + 1) };
}
