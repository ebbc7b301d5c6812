import { effect } from "@preact/signals";
import { render } from "preact";
import { localeOf } from "../../../gateway/panel/web/format.ts";
import { CentralContext, createCentral, pollMs } from "./central.ts";
import { Page } from "./page.tsx";

const tickMs = 1_000;

const central = createCentral();

/** The next question is asked only after the answer to the last: a slow central is not asked faster. */
async function poll(): Promise<void> {
  await central.step();
  setTimeout(() => void poll(), pollMs);
}

addEventListener("hashchange", () => {
  const { page } = central.view.peek();
  const gateway = central.selected.peek();
  void central.show(location.hash);
  if (central.view.peek().page !== page || central.selected.peek() !== gateway) scrollTo(0, 0);
});
setInterval(central.tick, tickMs);
void central.show(location.hash);
void poll();

effect(() => {
  document.documentElement.lang = localeOf(central.preference.language.value);
});
effect(() => {
  const waiting = central.fleet.value?.unacknowledged ?? 0;
  const { title } = central.text.value;
  document.title = waiting === 0 ? title : `(${waiting}) ${title}`;
});

const root = document.getElementById("page");
if (root === null) throw new Error("index.html has no element #page");
render(
  <CentralContext.Provider value={central}>
    <Page />
  </CentralContext.Provider>,
  root,
);
