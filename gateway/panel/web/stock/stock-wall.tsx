import { panelStockText } from "../../../../config/language/panel-stock.ts";
import { FaultBox } from "../components/fault-box.tsx";
import { usePanel } from "../panel.ts";
import { useFetched } from "../use-fetched.ts";
import { useFit } from "../wall-fit.ts";
import { Racks } from "./racks.tsx";
import { stockPageOf, stockPath } from "./stock-query.ts";
import { useLive } from "./use-live.ts";

/** Lines that can be read from across the room. */
const wallLinesMax = 40;

const everything = { search: "", state: "", place: "" } as const;

/** The racks from 3 m: all of them where they fit, else those with a warning. */
export function StockWall() {
  const { preference, snapshot, format } = usePanel();
  const words = panelStockText[preference.language.value];
  const alarms = snapshot.value?.alarms;
  const all = useFetched(stockPath(everything, wallLinesMax), stockPageOf, alarms);
  const warned = useFetched(
    stockPath({ ...everything, state: "warned" }, wallLinesMax),
    stockPageOf,
    alarms,
  );
  const fits = (all.body?.total ?? 0) <= wallLinesMax;
  const shown = fits ? all.body : warned.body;
  const lines = useLive(shown?.stock);
  useFit(true, lines);
  if (all.body === undefined || shown === undefined) {
    return <FaultBox fault={all.fault ?? warned.fault} />;
  }
  const more = shown.total - lines.length;
  const calm = all.body.total - shown.total;
  return (
    <div class="stock-wall">
      <Racks lines={lines} />
      {lines.length === 0 && <p class="empty">{fits ? words.none : words.noneWarned}</p>}
      {more > 0 && <p class="wall-rest">{words.wallMore(format.value.integer(more))}</p>}
      {calm > 0 && <p class="wall-rest">{words.wallRest(format.value.integer(calm))}</p>}
    </div>
  );
}
