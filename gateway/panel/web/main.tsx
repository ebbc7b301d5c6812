import { effect } from "@preact/signals";
import { render } from "preact";
import { localeOf } from "./format.ts";
import { openLink } from "./link.ts";
import { Page } from "./page.tsx";
import { createPanel, PanelContext } from "./panel.ts";
import { waitsForPerson } from "./severity.ts";
import { viewOf } from "./view.ts";

const tickMs = 1_000;

const panel = createPanel();
const link = openLink("/api/events", {
  snapshot: panel.receive,
  change: panel.change,
  heard: panel.heard,
  broken: () => {
    panel.link.value = "offline";
  },
});
setInterval(panel.tick, tickMs);
void panel.refreshSession();

addEventListener("hashchange", () => {
  const before = panel.view.peek().page;
  panel.view.value = viewOf(location.hash);
  if (panel.view.value.page !== before) scrollTo(0, 0);
});

effect(() => {
  document.documentElement.lang = localeOf(panel.preference.language.value);
});
effect(() => {
  document.documentElement.classList.toggle("wall", panel.wall.value);
});
effect(() => {
  const { gateway, alarms } = panel.snapshot.value ?? {};
  const waiting = (alarms ?? []).filter(waitsForPerson).length;
  const name = gateway?.name ?? gateway?.id ?? panel.text.value.product;
  document.title = waiting === 0 ? name : `(${waiting}) ${name}`;
});

const root = document.getElementById("page");
if (root === null) throw new Error("index.html has no element #page");
render(
  <PanelContext.Provider value={panel}>
    <Page onRetry={link.retry} />
  </PanelContext.Provider>,
  root,
);
