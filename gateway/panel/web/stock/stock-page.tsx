import "../style/pages.css";
import { usePanel } from "../panel.ts";
import { StockPart, StockTools, stockPartOf } from "./book-pages.tsx";
import { ItemPage } from "./item-page.tsx";
import { StockOverview } from "./stock-overview.tsx";
import { StockWall } from "./stock-wall.tsx";

/** `#/stock`: the racks; `#/stock/<location>/<item>`: one item at one location; `#/stock/count` and so on: what people do. */
export function StockPage() {
  const { view, wall } = usePanel();
  if (wall.value) return <StockWall />;
  const { part = "" } = view.value;
  const [location = "", item] = part.startsWith("?") ? [] : part.split("/");
  const own = stockPartOf(part);
  if (own !== undefined) return <StockPart part={own} />;
  if (item !== undefined) return <ItemPage key={part} location={location} item={item} />;
  return (
    <>
      <StockTools />
      <StockOverview />
    </>
  );
}
