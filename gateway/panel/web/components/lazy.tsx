import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { usePanel } from "../panel.ts";

interface LazyProps<Props extends object> {
  /** The same function at every call: another one is another part. */
  readonly load: () => Promise<FunctionComponent<Props>>;
  readonly props: Props;
  /** Nothing stands in its place while it comes: a detail of something that is shown already. */
  readonly quiet?: boolean;
}

/** A part of the page whose code is fetched when it is shown for the first time. */
export function Lazy<Props extends object>({ load, props, quiet = false }: LazyProps<Props>) {
  const { text, fault } = usePanel();
  const [loaded, setLoaded] = useState<{
    readonly by: unknown;
    readonly part: FunctionComponent<Props> | undefined;
  }>();
  useEffect(() => {
    let gone = false;
    const keep = (part: FunctionComponent<Props> | undefined) => {
      if (!gone) setLoaded({ by: load, part });
    };
    load().then(keep, () => {
      keep(undefined);
      // An update of the gateway replaced the files that this page still names.
      fault.value = { code: "page", ...text.peek().fault.page };
    });
    return () => {
      gone = true;
    };
  }, [load, fault, text]);
  if (loaded === undefined || loaded.by !== load) {
    return quiet ? null : <p class="loading">{text.value.loadingPage}…</p>;
  }
  const Part = loaded.part;
  return Part === undefined ? null : <Part {...props} />;
}
