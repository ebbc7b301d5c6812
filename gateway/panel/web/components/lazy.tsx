import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { usePanel } from "../panel.ts";
import { FaultBox } from "./fault-box.tsx";

interface LazyProps<Props extends object> {
  /** The same function at every call: another one is another part. */
  readonly load: () => Promise<FunctionComponent<Props>>;
  readonly props: Props;
}

/** A part of the page whose code is fetched when it is shown for the first time. */
export function Lazy<Props extends object>({ load, props }: LazyProps<Props>) {
  const { text } = usePanel();
  const [loaded, setLoaded] = useState<{
    readonly by: unknown;
    readonly part: FunctionComponent<Props> | undefined;
  }>();
  useEffect(() => {
    let gone = false;
    const keep = (part: FunctionComponent<Props> | undefined) => {
      if (!gone) setLoaded({ by: load, part });
    };
    load().then(keep, () => keep(undefined));
    return () => {
      gone = true;
    };
  }, [load]);
  if (loaded === undefined || loaded.by !== load) {
    return <p class="loading">{text.value.loadingPage}…</p>;
  }
  // An update of the gateway replaced the files that this page still names.
  if (loaded.part === undefined) {
    return <FaultBox fault={{ code: "page", ...text.value.fault.page }} />;
  }
  const Part = loaded.part;
  return <Part {...props} />;
}
