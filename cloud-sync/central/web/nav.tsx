import { Shape } from "../../../gateway/panel/web/components/shape.tsx";
import type { ShapeName } from "../../../gateway/panel/web/severity.ts";
import { useCentral } from "./central.ts";
import { hashOfPage, type PageName, pageNames } from "./view.ts";

const shapes: Readonly<Record<PageName, ShapeName>> = {
  fleet: "rack",
  groups: "list",
  access: "key",
};

/** The pages: along the lower edge of a phone, else in the header. */
export function Nav() {
  const { view, text, shared, fleet } = useCentral();
  const words = text.value.pages;
  const shown = view.value.page === "gateway" ? "fleet" : view.value.page;
  const waiting = fleet.value?.unacknowledged ?? 0;
  return (
    <nav class="nav" aria-label={shared.value.nav.label}>
      {pageNames.map((page) => (
        <a
          key={page}
          class="nav-link"
          href={hashOfPage(page)}
          {...(shown === page && { "aria-current": "page" })}
        >
          <Shape name={shapes[page]} />
          <span>{words[page]}</span>
          {page === "fleet" && waiting > 0 && (
            <span class="nav-count">
              {waiting}
              <span class="visually-hidden"> {text.value.summary.waiting}</span>
            </span>
          )}
        </a>
      ))}
    </nav>
  );
}
