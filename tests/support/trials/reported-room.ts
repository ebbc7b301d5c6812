import { type ColdRoom, coldRoom } from "../cold-room.ts";
import { type TrialSite, token, trialSite } from "./trial-site.ts";

export const roomId = "cold-room";

/** A gateway program that reads a sensor every 50 ms, and the central that it reports to. */
export async function reportedRoom(
  skip: (reason: string) => void,
): Promise<AsyncDisposable & { readonly site: TrialSite; readonly room: ColdRoom }> {
  await using cleanup = new AsyncDisposableStack();
  const site = cleanup.use(await trialSite(skip, roomId));
  const room = cleanup.use(
    await coldRoom({
      env: () => ({ RACKWATCH_SECRET_CENTRAL: token }),
      services: `broker: { enabled: false }
store: { flushEvery: 100ms }
sync: { central: "${site.address}", credentials: !secret central }`,
    }),
  );
  const kept = cleanup.move();
  return { site, room, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
