/** An agent that works speaks at least once in this time: a gateway that does not is quiet, on the page and in its order. */
export const quietAfterMs = 2 * 60_000;
