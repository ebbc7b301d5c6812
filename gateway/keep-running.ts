import type { Problem } from "../config/problem.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { runGateway } from "./main.ts";

/**
 * The gateway until the signal is aborted, started anew where a run asks for it: outputs are taken over by the next run
 * as after a restart of the process.
 * @returns as `runGateway`. @throws as `runGateway`.
 */
export async function keepRunning(
  options: Omit<GatewayOptions, "startAnew">,
): Promise<readonly Problem[] | undefined> {
  for (;;) {
    const again = new AbortController();
    const problems = await runGateway({
      ...options,
      signal: AbortSignal.any([options.signal, again.signal]),
      startAnew: () => again.abort(),
    });
    if (problems !== undefined || options.signal.aborted || !again.signal.aborted) return problems;
  }
}
