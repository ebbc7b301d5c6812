import type { z } from "zod";
import type { userChangeSchema } from "../../api.ts";
import { usePanel } from "../panel.ts";
import { type Answer, request } from "../request.ts";

/** Changes one person; learns who is logged in when the session has ended meanwhile. */
export function usePersonChange(user: string) {
  const { text, refreshSession } = usePanel();
  return async (body: z.infer<typeof userChangeSchema>): Promise<Answer> => {
    const path = `/api/users/${encodeURIComponent(user)}`;
    const answer = await request("PATCH", path, text.peek().fault, { body });
    // One's own roles may be what was changed.
    if (answer.ok || answer.status === 401) await refreshSession();
    return answer;
  };
}
