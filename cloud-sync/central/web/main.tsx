import { effect } from "@preact/signals";
import { render } from "preact";
import { localeOf } from "../../../gateway/panel/web/format.ts";
import { waitsForPerson } from "../../../gateway/panel/web/severity.ts";
import { CentralContext, createCentral, partNames, pollMs } from "./central.ts";
import { Page } from "./page.tsx";

const tickMs = 1_000;

/** `#gateway/<id>`, `#gateway/<id>/<part>` */
const selection = /^#gateway\/([^/]+)(?:\/(\w+))?$/;

const central = createCentral();

function follow(): void {
  const [, id, part] = selection.exec(location.hash) ?? [];
  const wanted = partNames.find((name) => name === part);
  void central.select(id === undefined ? undefined : decodeURIComponent(id), wanted);
}

/** The next question is asked only after the answer to the last: a slow central is not asked faster. */
async function poll(): Promise<void> {
  await central.step();
  setTimeout(() => void poll(), pollMs);
}

addEventListener("hashchange", follow);
setInterval(central.tick, tickMs);
follow();
void poll();

effect(() => {
  document.documentElement.lang = localeOf(central.preference.language.value);
});
effect(() => {
  const waiting = central.alarms.value.filter(waitsForPerson).length;
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
