import { eventViews } from "./event-views.ts";
import { readingViews } from "./reading-views.ts";
import { stateViews } from "./state-views.ts";
import type { BiView } from "./view.ts";

/** All of them. Names and columns are a promise to those who built reports on them. */
export const biViews: readonly BiView[] = [...readingViews, ...eventViews, ...stateViews];
