import type { Fault } from "../request.ts";
import { Shape } from "./shape.tsx";

/** What went wrong and what to do about it, said aloud. */
export function FaultBox({ fault }: { readonly fault: Fault | undefined }) {
  return (
    <div role="alert">
      {fault !== undefined && (
        <div class="fault tone-critical">
          <Shape name="cross" />
          <div>
            <p class="fault-message">{fault.message}</p>
            {fault.todo !== undefined && <p class="fault-todo">{fault.todo}</p>}
          </div>
        </div>
      )}
    </div>
  );
}
