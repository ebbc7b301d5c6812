import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { FaultBox } from "../../../gateway/panel/web/components/fault-box.tsx";
import { useCentral } from "./central.ts";

export type LoadPart = () => Promise<FunctionComponent>;

/** A part of the page whose code is fetched when it is opened. To be keyed by its name: another one is another part. */
export function LazyPart({ load }: { readonly load: LoadPart }) {
  const { shared } = useCentral();
  const [loaded, setLoaded] = useState<{ readonly part?: FunctionComponent }>();
  useEffect(() => {
    load().then(
      (part) => setLoaded({ part }),
      // An update of central replaced the files that this page still names.
      () => setLoaded({}),
    );
  }, [load]);
  if (loaded === undefined) return <p class="loading">{shared.value.loadingPage}…</p>;
  const { part: Part } = loaded;
  if (Part !== undefined) return <Part />;
  return <FaultBox fault={{ code: "page", ...shared.value.fault.page }} />;
}
